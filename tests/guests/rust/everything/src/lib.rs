//! The world of ../../../wit/everything.wit in Rust: what the host gives goes back through the host, counters live
//! here, things live there.

mod guest;

wit_bindgen::generate!({ path: "../../wit/everything.wit", world: "everything" });

use exports::slipway::everything::values::Guest as Values;
use slipway::everything::types::*;
use slipway::everything::values as host;

struct Everything;
export!(Everything);

/// Each passes its parameter on, by value or by reference as the import wants it, and gives back what it gets.
macro_rules! echo {
    (value { $($value:ident($vt:ty);)* } reference { $($reference:ident($rt:ty);)* }) => {
        $(fn $value(v: $vt) -> $vt { host::$value(v) })*
        $(fn $reference(v: $rt) -> $rt { host::$reference(&v) })*
    };
}

impl Values for Everything {
    echo! {
        value {
        echo_bool(bool);
        echo_u8(u8);
        echo_s8(i8);
        echo_u16(u16);
        echo_s16(i16);
        echo_u32(u32);
        echo_s32(i32);
        echo_u64(u64);
        echo_s64(i64);
        echo_f32(f32);
        echo_f64(f64);
        echo_char(char);
        echo_single((i64,));
        echo_point(Point);
        echo_colour(Colour);
        echo_rights(Rights);
        echo_nine(Nine);
        echo_all_bits(AllBits);
        echo_option(Option<u32>);
        echo_result_unit(Result<(), ()>);
        echo_result_err(Result<(), Colour>);
        }
        reference {
        echo_string(String);
        echo_list_bool(Vec<bool>);
        echo_list_u8(Vec<u8>);
        echo_list_s8(Vec<i8>);
        echo_list_u16(Vec<u16>);
        echo_list_s16(Vec<i16>);
        echo_list_u32(Vec<u32>);
        echo_list_s32(Vec<i32>);
        echo_list_u64(Vec<u64>);
        echo_list_s64(Vec<i64>);
        echo_list_f32(Vec<f32>);
        echo_numbers(Vec<f64>);
        echo_list_char(Vec<char>);
        echo_list_string(Vec<String>);
        echo_list_list(Vec<Vec<String>>);
        echo_list_point(Vec<Point>);
        echo_list_deep(Vec<Deep>);
        echo_list_colour(Vec<Colour>);
        echo_list_rights(Vec<Rights>);
        echo_list_nine(Vec<Nine>);
        echo_list_shape(Vec<Shape>);
        echo_list_joined(Vec<Joined>);
        echo_list_option(Vec<Option<u64>>);
        echo_list_result(Vec<Result<String,u8>>);
        echo_list_tuple(Vec<(u8,String,i16)>);
        echo_deep(Deep);
        echo_shape(Shape);
        echo_joined(Joined);
        }
    }

    fn echo_nothing() {
        host::echo_nothing()
    }

    fn echo_tuple((a, b, c, d): (u8, String, f64, bool)) -> (u8, String, f64, bool) {
        host::echo_tuple((a, &b, c, d))
    }

    fn echo_option_string(v: Option<String>) -> Option<String> {
        host::echo_option_string(v.as_deref())
    }

    fn echo_nested(v: Nested) -> Nested {
        host::echo_nested(&v)
    }

    fn echo_result(v: Result<u32, String>) -> Result<u32, String> {
        host::echo_result(v.as_ref().map(|n| *n).map_err(String::as_str))
    }

    fn echo_result_ok(v: Result<Vec<u8>, ()>) -> Result<Vec<u8>, ()> {
        host::echo_result_ok(v.as_deref().map_err(|()| ()))
    }

    fn echo_inner_result((v,): (Result<u32, String>,)) -> (Result<u32, String>,) {
        host::echo_inner_result((v.as_ref().map(|n| *n).map_err(String::as_str),))
    }

    fn echo_tower(
        v: Option<Result<Option<u8>, Result<String, Colour>>>,
    ) -> Option<Result<Option<u8>, Result<String, Colour>>> {
        host::echo_tower(v.as_ref().map(|r| {
            r.as_ref()
                .map(|o| *o)
                .map_err(|e| e.as_ref().map(String::as_str))
        }))
    }

    fn sixteen(
        a: u8,
        b: i8,
        c: u16,
        d: i16,
        e: u32,
        f: i32,
        g: u64,
        h: i64,
        i: f32,
        j: f64,
        k: bool,
        l: char,
        m: String,
        n: Colour,
        o: Rights,
    ) -> String {
        host::sixteen(a, b, c, d, e, f, g, h, i, j, k, l, &m, n, o)
    }

    fn spilled(
        a: u8,
        b: i8,
        c: u16,
        d: i16,
        e: u32,
        f: i32,
        g: u64,
        h: i64,
        i: f32,
        j: f64,
        k: bool,
        l: char,
        m: String,
        n: Colour,
        o: Rights,
        p: Shape,
        q: Vec<String>,
    ) -> (String, Shape, Vec<String>) {
        host::spilled(a, b, c, d, e, f, g, h, i, j, k, l, &m, n, o, &p, &q)
    }
}
