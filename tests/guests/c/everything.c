/* The world of ../wit/everything.wit in C on the bindings of wit-bindgen: what the host gives goes back through the
   host, counters live here, things live there. Built for UTF-8 and, with -DUTF16, for UTF-16. */

#include "everything.h"
#include <stdlib.h>
#include <string.h>

#define IMPORT(name) slipway_everything_values_##name
#define EXPORT(name) exports_slipway_everything_values_##name
#define OWN(type) exports_slipway_everything_values_##type

/* A scalar. */
#define SCALAR(name, type)                                                                                             \
  type EXPORT(name)(type v) { return IMPORT(name)(v); }
/* By pointer, nothing to free. The two directions have type names of their own for one layout, hence the casts. */
#define FLAT(name, type) FLAT_(name, type)
#define FLAT_(name, type)                                                                                              \
  void EXPORT(name)(type##_t *v, type##_t *ret) { IMPORT(name)((void *)v, (void *)ret); }
/* By pointer, freed: what comes in is ours. */
/* Twice, so that the type is expanded before its name is completed. */
#define OWNED(name, type) OWNED_(name, type)
#define OWNED_(name, type)                                                                                             \
  void EXPORT(name)(type##_t *v, type##_t *ret) {                                                                      \
    IMPORT(name)((void *)v, (void *)ret);                                                                              \
    type##_free(v);                                                                                                    \
  }

void EXPORT(echo_nothing)(void) { IMPORT(echo_nothing)(); }
SCALAR(echo_bool, bool)
SCALAR(echo_u8, uint8_t)
SCALAR(echo_s8, int8_t)
SCALAR(echo_u16, uint16_t)
SCALAR(echo_s16, int16_t)
SCALAR(echo_u32, uint32_t)
SCALAR(echo_s32, int32_t)
SCALAR(echo_u64, uint64_t)
SCALAR(echo_s64, int64_t)
SCALAR(echo_f32, float)
SCALAR(echo_f64, double)
SCALAR(echo_char, uint32_t)
OWNED(echo_string, everything_string)
OWNED(echo_list_bool, everything_list_bool)
OWNED(echo_list_u8, everything_list_u8)
OWNED(echo_list_s8, everything_list_s8)
OWNED(echo_list_u16, everything_list_u16)
OWNED(echo_list_s16, everything_list_s16)
OWNED(echo_list_u32, everything_list_u32)
OWNED(echo_list_s32, everything_list_s32)
OWNED(echo_list_u64, everything_list_u64)
OWNED(echo_list_s64, everything_list_s64)
OWNED(echo_list_f32, everything_list_f32)
OWNED(echo_numbers, OWN(numbers))
OWNED(echo_list_char, everything_list_char32)
OWNED(echo_list_string, everything_list_string)
OWNED(echo_list_list, everything_list_list_string)
OWNED(echo_list_point, OWN(list_point))
OWNED(echo_list_deep, OWN(list_deep))
OWNED(echo_list_colour, OWN(list_colour))
OWNED(echo_list_rights, OWN(list_rights))
OWNED(echo_list_nine, OWN(list_nine))
OWNED(echo_list_shape, OWN(list_shape))
OWNED(echo_list_joined, OWN(list_joined))
OWNED(echo_list_option, everything_list_option_u64)
OWNED(echo_list_result, OWN(list_result_string_u8))
OWNED(echo_list_tuple, everything_list_tuple3_u8_string_s16)
OWNED(echo_tuple, everything_tuple4_u8_string_f64_bool)
FLAT(echo_single, everything_tuple1_s64)
FLAT(echo_point, OWN(point))
OWNED(echo_deep, OWN(deep))
SCALAR(echo_colour, OWN(colour_t))
SCALAR(echo_rights, OWN(rights_t))
SCALAR(echo_nine, OWN(nine_t))
SCALAR(echo_all_bits, OWN(all_bits_t))
OWNED(echo_shape, OWN(shape))
OWNED(echo_joined, OWN(joined))
OWNED(echo_inner_result, OWN(tuple1_result_u32_string))

bool EXPORT(echo_option)(uint32_t *v, uint32_t *ret) { return IMPORT(echo_option)(v, ret); }

bool EXPORT(echo_option_string)(everything_string_t *v, everything_string_t *ret) {
  bool some = IMPORT(echo_option_string)(v, ret);
  if (v) everything_string_free(v);
  return some;
}

bool EXPORT(echo_nested)(OWN(nested_t) * v, everything_option_string_t *ret) {
  bool some = IMPORT(echo_nested)((void *)v, ret);
  OWN(nested_free)(v);
  return some;
}

bool EXPORT(echo_result)(OWN(result_u32_string_t) * v, uint32_t *ret, everything_string_t *err) {
  bool ok = IMPORT(echo_result)((void *)v, ret, err);
  OWN(result_u32_string_free)(v);
  return ok;
}

bool EXPORT(echo_result_unit)(OWN(result_void_void_t) * v) { return IMPORT(echo_result_unit)((void *)v); }

bool EXPORT(echo_result_ok)(OWN(result_list_u8_void_t) * v, everything_list_u8_t *ret) {
  bool ok = IMPORT(echo_result_ok)((void *)v, ret);
  OWN(result_list_u8_void_free)(v);
  return ok;
}

bool EXPORT(echo_result_err)(OWN(result_void_colour_t) * v, OWN(colour_t) * err) {
  return IMPORT(echo_result_err)((void *)v, err);
}

bool EXPORT(echo_tower)(OWN(result_option_u8_result_string_colour_t) * v,
                        OWN(result_option_u8_result_string_colour_t) * ret) {
  bool some = IMPORT(echo_tower)((void *)v, (void *)ret);
  if (v) OWN(result_option_u8_result_string_colour_free)(v);
  return some;
}

#define MANY                                                                                                           \
  uint8_t a, int8_t b, uint16_t c, int16_t d, uint32_t e, int32_t f, uint64_t g, int64_t h, float i, double j, bool k, \
      uint32_t l, everything_string_t *m, OWN(colour_t) n, OWN(rights_t) o

void EXPORT(sixteen)(MANY, everything_string_t *ret) {
  IMPORT(sixteen)(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, ret);
  everything_string_free(m);
}

void EXPORT(spilled)(MANY, OWN(shape_t) * p, everything_list_string_t *q,
                     OWN(tuple3_string_shape_list_string_t) * ret) {
  IMPORT(spilled)(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, (void *)p, q, (void *)ret);
  everything_string_free(m);
  OWN(shape_free)(p);
  everything_list_string_free(q);
}

/* ---- the interface `guest`: counters ---- */

#undef EXPORT
#define EXPORT(name) exports_slipway_everything_guest_##name
#define HOST(name) slipway_everything_host_##name

struct EXPORT(counter_t) {
  uint32_t n;
};

static uint32_t live = 0;

static EXPORT(own_counter_t) counter(uint32_t n) {
  EXPORT(counter_t) *rep = malloc(sizeof *rep);
  rep->n = n;
  live++;
  return EXPORT(counter_new)(rep);
}

static uint32_t value(EXPORT(own_counter_t) c) { return EXPORT(counter_rep)(c)->n; }

void EXPORT(counter_destructor)(EXPORT(counter_t) * rep) {
  live--;
  free(rep);
}

/* The units of an ASCII text in the encoding at hand, appended. */
static void append(everything_string_t *to, const void *units, size_t n) {
  const size_t unit = sizeof *to->ptr;
  to->ptr = realloc(to->ptr, (to->len + n) * unit);
  memcpy((char *)to->ptr + to->len * unit, units, n * unit);
  to->len += n;
}

static void append_ascii(everything_string_t *to, const char *text) {
  for (; *text; text++) {
#ifdef UTF16
    uint16_t unit = (uint16_t)*text;
#else
    uint8_t unit = (uint8_t)*text;
#endif
    append(to, &unit, 1);
  }
}

EXPORT(own_counter_t) EXPORT(constructor_counter)(uint32_t start) { return counter(start); }
uint32_t EXPORT(method_counter_get)(EXPORT(borrow_counter_t) self) { return self->n; }
uint32_t EXPORT(method_counter_add)(EXPORT(borrow_counter_t) self, uint32_t n) { return self->n += n; }
EXPORT(own_counter_t) EXPORT(method_counter_clone)(EXPORT(borrow_counter_t) self) { return counter(self->n); }

bool EXPORT(static_counter_merge)(EXPORT(own_counter_t) a, EXPORT(borrow_counter_t) b, EXPORT(own_counter_t) * ret,
                                  everything_string_t *err) {
  uint64_t sum = (uint64_t)value(a) + b->n;
  EXPORT(counter_drop_own)(a);
  if (sum <= 1000) {
    *ret = counter((uint32_t)sum);
    return true;
  }
  char digits[21];
  char *at = digits + 20;
  for (*at = 0; sum > 0; sum /= 10) *--at = (char)('0' + sum % 10);
  *err = (everything_string_t){0};
  append_ascii(err, at);
  append_ascii(err, " is too much");
  return false;
}

uint32_t EXPORT(live)(void) { return live; }

uint64_t EXPORT(sum)(EXPORT(list_borrow_counter_t) * counters) {
  uint64_t sum = 0;
  for (size_t i = 0; i < counters->len; i++) sum += counters->ptr[i]->n;
  EXPORT(list_borrow_counter_free)(counters);
  return sum;
}

uint32_t EXPORT(into_value)(EXPORT(own_counter_t) c) {
  uint32_t n = value(c);
  EXPORT(counter_drop_own)(c);
  return n;
}

bool EXPORT(maybe)(EXPORT(own_counter_t) * c, EXPORT(own_counter_t) * ret, everything_string_t *err) {
  if (c) {
    *ret = *c;
    return true;
  }
  *err = (everything_string_t){0};
  append_ascii(err, "none");
  return false;
}

void EXPORT(hold)(EXPORT(holder_t) * h, EXPORT(holder_t) * ret) {
#ifdef UTF16
  const uint16_t open[] = {0x201c}, close[] = {0x201d};
  const size_t n = 1;
#else
  const uint8_t open[] = {0xe2, 0x80, 0x9c}, close[] = {0xe2, 0x80, 0x9d};
  const size_t n = 3;
#endif
  EXPORT(counter_rep)(h->inner)->n++;
  *ret = (EXPORT(holder_t)){.inner = h->inner};
  append(&ret->label, open, n);
  append(&ret->label, h->label.ptr, h->label.len);
  append(&ret->label, close, n);
  everything_string_free(&h->label);
}

static int order(const void *a, const void *b) {
  uint32_t x = value(*(const EXPORT(own_counter_t) *)a), y = value(*(const EXPORT(own_counter_t) *)b);
  return (x > y) - (x < y);
}

void EXPORT(sorted)(EXPORT(list_own_counter_t) * counters, EXPORT(list_own_counter_t) * ret) {
  qsort(counters->ptr, counters->len, sizeof *counters->ptr, order);
  *ret = *counters;
}

/* ---- things ---- */

static EXPORT(own_thing_t) kept[64];
static size_t kept_len = 0;

/* A borrow made of an own handle is the own handle's index: it is not dropped. A borrow that came as a parameter is. */
static void name_of(EXPORT(own_thing_t) t, everything_string_t *ret) {
  HOST(method_thing_name)(HOST(borrow_thing)(t), ret);
}

EXPORT(own_thing_t) EXPORT(make_thing)(everything_string_t *name) {
  EXPORT(own_thing_t) t = HOST(constructor_thing)(name);
  everything_string_free(name);
  return t;
}

EXPORT(own_thing_t) EXPORT(pass_own)(EXPORT(own_thing_t) t) { return t; }

void EXPORT(pass_borrow)(EXPORT(borrow_thing_t) t, everything_string_t *ret) {
  HOST(look)(t, ret);
  HOST(thing_drop_borrow)(t);
}

bool EXPORT(rename_thing)(EXPORT(borrow_thing_t) t, everything_string_t *to, everything_string_t *ret,
                          everything_string_t *err) {
  bool ok = HOST(method_thing_rename)(t, to, ret, err);
  everything_string_free(to);
  HOST(thing_drop_borrow)(t);
  return ok;
}

void EXPORT(keep)(EXPORT(own_thing_t) t) {
  if (kept_len == sizeof kept / sizeof *kept) abort();
  kept[kept_len++] = t;
}

bool EXPORT(take_back)(EXPORT(own_thing_t) * ret) {
  if (kept_len == 0) return false;
  *ret = kept[--kept_len];
  return true;
}

void EXPORT(pairs)(EXPORT(list_own_thing_t) * things, EXPORT(list_tuple2_string_own_thing_t) * ret) {
  ret->len = things->len;
  ret->ptr = malloc(ret->len * sizeof *ret->ptr);
  for (size_t i = 0; i < things->len; i++) {
    name_of(things->ptr[i], &ret->ptr[i].f0);
    ret->ptr[i].f1 = things->ptr[i];
  }
  /* Only the array: the handles have moved on. */
  if (things->len > 0) free(things->ptr);
}

void EXPORT(join_things)(EXPORT(own_thing_t) a, EXPORT(own_thing_t) b, EXPORT(tuple2_own_thing_own_thing_t) * ret) {
  ret->f0 = HOST(static_thing_join)(a, HOST(borrow_thing)(b));
  ret->f1 = b;
}

void EXPORT(through_host)(EXPORT(own_thing_t) t, EXPORT(tuple2_string_own_thing_t) * ret) {
  name_of(t, &ret->f0);
  ret->f1 = HOST(swap)(t);
}

bool EXPORT(are_same)(EXPORT(borrow_thing_t) a, EXPORT(borrow_thing_t) b) {
  bool same = HOST(method_thing_same)(a, b);
  HOST(thing_drop_borrow)(a);
  HOST(thing_drop_borrow)(b);
  return same;
}

/* ---- the rest ---- */

void EXPORT(summarise)(everything_list_string_t *names, EXPORT(list_point_t) * places, EXPORT(summary_t) * ret) {
  *ret = (EXPORT(summary_t)){.count = (uint32_t)names->len, .names = *names};
  if (places->len == 0) return;
  uint32_t x = 0;
  double y = 0;
  for (size_t i = 0; i < places->len; i++) {
    x += (uint32_t)places->ptr[i].x;
    y += places->ptr[i].y;
  }
  ret->middle.is_some = true;
  ret->middle.val.x = (int32_t)x / (int32_t)places->len;
  ret->middle.val.y = y / (double)places->len;
  EXPORT(list_point_free)(places);
}

bool EXPORT(checked)(uint32_t v, uint32_t *ret, everything_string_t *err) { return HOST(checked)(v, ret, err); }
void EXPORT(call_back)(void) { HOST(call_back)(); }
void EXPORT(unreachable)(void) { __builtin_trap(); }

void exports_everything_twice(everything_pair_t *p, everything_pair_t *ret) {
  everything_note(p);
  *ret = (everything_pair_t){.left = p->left + 1};
  append(&ret->right, p->right.ptr, p->right.len);
  append(&ret->right, p->right.ptr, p->right.len);
  everything_pair_free(p);
}

void exports_everything_where_is(everything_colour_t c, everything_point_t *ret) { everything_pick(c, ret); }
