#!/usr/bin/env bash
# Owns: a Rust toolchain with the target wasm32-unknown-unknown from Debian's packages, for where rustup cannot fetch one
# (no way to its server). Knows nothing of this project. Steps go to stderr; stdout carries `export NAME='value'` lines to
# evaluate:  eval "$(bash npm/scripts/setup/debian-rust.sh)".  Never asks, never changes rustup's default or overrides.
#
# WASM_PANIC=abort       (default) the standard library as rustup ships it
# WASM_PANIC=immediate   a size-optimised one: panics trap without a message, a tenth is saved. What we release.
# WASM_TOOLCHAIN_DIR     where the sysroots go (default ${XDG_DATA_HOME:-~/.local/share}/wasm-rust)
# WASM_STD_CACHE         a folder that keeps the built library as .tar.xz, to share between machines (default none)
#
# How: Debian backports the rustc that its browsers need as `rustc-web`, with sources. The standard library is built from
# those once, offline; it and links to Debian's files make a sysroot, which is linked as a rustup toolchain of its own.
set -euo pipefail

TARGET=wasm32-unknown-unknown
MIN_RUST=1.88 # what the newest of our dependencies ask for
PANIC=${WASM_PANIC:-abort}
BASE=${WASM_TOOLCHAIN_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/wasm-rust}

say() { printf '  %s\n' "$*" >&2; }
die() { printf '  error: %s\n' "$*" >&2; exit 1; }
case $PANIC in abort|immediate) ;; *) die "WASM_PANIC=$PANIC: want abort or immediate" ;; esac

has_target() { # has_target RUSTC: does it have libcore and libstd for the target?
  local d
  d=$("$1" --print target-libdir --target "$TARGET" 2>/dev/null) || return 1
  compgen -G "$d/libcore-*.rlib" >/dev/null && compgen -G "$d/libstd-*.rlib" >/dev/null
}

verify() { # verify RUSTC: compile and link a small cdylib that uses std
  local t rc=0
  t=$(mktemp -d)
  cat > "$t/v.rs" <<'RS'
#[no_mangle]
pub extern "C" fn f(n: u32) -> u32 { let mut v: Vec<String> = (0..n).map(|i| i.to_string()).collect(); v.sort(); v.join(",").len() as u32 }
RS
  # shellcheck disable=SC2086 # FLAGS is a list of words
  env ${FLAGS:+RUSTC_BOOTSTRAP=1} "$1" --edition 2021 --crate-type cdylib --target "$TARGET" -C opt-level=2 -C lto=fat \
    ${FLAGS:-} -o "$t/v.wasm" "$t/v.rs" >"$t/log" 2>&1 || rc=1
  if [ $rc = 0 ] && [ "$(head -c4 "$t/v.wasm" | od -An -tx1 | tr -d ' ')" != 0061736d ]; then rc=1; fi
  [ $rc = 0 ] || cat "$t/log" >&2
  rm -rf "$t"
  return $rc
}

# ---- the packages -----------------------------------------------------------
command -v apt-get >/dev/null || die "not a Debian system: install Rust with the target $TARGET by hand (rustup target add $TARGET)"
SUDO=; [ "$(id -u)" = 0 ] || SUDO="sudo -n"
# No `... | grep -q` below: with pipefail, grep's early exit can fail the pipe.
installed() { case "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null || true)" in ii*) ;; *) return 1 ;; esac; }
candidate() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p'; }
apt_has() { case "$(candidate "$1")" in ''|'(none)') return 1 ;; esac; }
apt_install() { # only what is missing
  local p miss=()
  for p in "$@"; do installed "$p" || miss+=("$p"); done
  [ ${#miss[@]} = 0 ] && return 0
  say "apt-get install ${miss[*]}"
  # --no-remove: rather fail than take another Rust off the machine.
  local log; log=$(mktemp)
  local get="env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-remove --no-install-recommends"
  if ! $SUDO $get "${miss[@]}" </dev/null >"$log" 2>&1; then
    $SUDO apt-get update </dev/null >"$log" 2>&1 || true
    $SUDO $get "${miss[@]}" </dev/null >"$log" 2>&1 \
      || { tail -n5 "$log" >&2; rm -f "$log"; die "apt-get install ${miss[*]} failed"; }
  fi
  rm -f "$log"
}
apt_has rustc-web || apt_has rustc || { say "apt-get update"; $SUDO apt-get update </dev/null >/dev/null 2>&1 || true; }

# A distribution whose rustc is new enough ships the target itself.
if ! apt_has rustc-web; then
  [ "$PANIC" = abort ] || die "WASM_PANIC=immediate needs Debian's rustc-web"
  V=$(candidate rustc)
  [ -n "$V" ] && dpkg --compare-versions "$V" ge "$MIN_RUST" \
    || die "no rustc-web package here, and rustc is ${V:-absent} (want $MIN_RUST or newer)"
  apt_install rustc cargo libstd-rust-dev-wasm32 lld
  has_target /usr/bin/rustc || die "Debian's libstd-rust-dev-wasm32 has no $TARGET"
  FLAGS= verify /usr/bin/rustc || die "a test build failed"
  say "$(/usr/bin/rustc --version), with $TARGET"
  if command -v rustup >/dev/null; then
    rustup toolchain link debian /usr >/dev/null 2>&1
    echo "export RUSTUP_TOOLCHAIN='debian'"
  elif [ "$(command -v cargo)" != /usr/bin/cargo ]; then
    echo "export PATH='/usr/bin:$PATH'"
  fi
  exit 0
fi

apt_install rustc-web cargo-web rust-web-src rust-web-llvm
# rustc calls the linker rust-lld, which is a link to lld-<LLVM version>.
apt_install "$(basename "$(readlink /usr/bin/rust-lld)")"

RUSTC=/usr/bin/rustc CARGO=/usr/bin/cargo
VV=$($RUSTC -vV); REL=$(sed -n 's/^release: //p' <<<"$VV")
PKG=$(dpkg-query -W -f '${Version}' rustc-web)
KEY=$(printf '%s\n%s\n%s\nrecipe 3\n' "$VV" "$PKG" "$PANIC" | sha256sum | cut -c1-12)
NAME=debian-wasm; [ "$PANIC" = immediate ] && NAME=debian-wasm-small
DIR=$BASE/$NAME-$REL-$KEY
LIB=lib/rustlib/$TARGET/lib
STDFLAGS= FEATURES= FLAGS= LEVEL=3
if [ "$PANIC" = immediate ]; then
  # The name makes cargo compile anew what was compiled against another library.
  FLAGS="-Zunstable-options -Cpanic=immediate-abort --cfg=std_$KEY"
  # At "z" rustc does not inline by itself, and what is generic in the library would come out larger in every crate.
  STDFLAGS="$FLAGS -Zinline-mir=yes" FEATURES=-Zbuild-std-features=optimize_for_size LEVEL='"z"'
fi

# ---- the standard library, built once from Debian's rust-web-src ---------------
build_std() { # into $OUT/$LIB; uses $TMP
  local src t0=$SECONDS
  src=$(readlink -f /usr/lib/rustlib/src/rust)/library
  [ -f "$src/Cargo.lock" ] || die "no library sources under /usr/lib/rustlib/src/rust (package rust-web-src)"
  say "building the standard library for $TARGET (about a minute of processor time)"
  mkdir -p "$TMP/anchor"
  printf '#![no_std]\n' > "$TMP/anchor/lib.rs"
  cat > "$TMP/anchor/Cargo.toml" <<TOML
[package]
name = "build_std_anchor"
version = "0.0.0"
edition = "2021"
[lib]
path = "lib.rs"
[workspace]
[profile.release]
opt-level = $LEVEL
debug = false
TOML
  # -Cembed-bitcode=yes: without it a user's lto = "fat" or "thin" cannot link this library.
  # A clean environment, so that no RUSTFLAGS, wrapper or cargo config of the caller's leaks in.
  ( cd "$TMP/anchor"
    # shellcheck disable=SC2086 # FEATURES is one word or none
    env -i PATH=/usr/bin:/bin HOME="$TMP" CARGO_HOME="$TMP/cargo-home" LC_ALL=C.UTF-8 \
      RUSTC="$RUSTC" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$TMP/target" \
      RUSTFLAGS="-Cembed-bitcode=yes $STDFLAGS" \
      "$CARGO" build --release --offline -Zbuild-std=std,panic_abort $FEATURES --target "$TARGET" \
      --config 'source.crates-io.replace-with="std-vendor"' \
      --config "source.std-vendor.directory=\"$src/vendor\"" \
      >"$TMP/log" 2>&1 </dev/null ) || { tail -n20 "$TMP/log" >&2; die "the standard library did not build"; }
  find "$TMP/target/$TARGET/release/deps" -name '*.rlib' ! -name 'libbuild_std_anchor*' -exec cp {} "$OUT/$LIB/" \;
  say "built in $((SECONDS - t0)) s"
}

# A sysroot of links to Debian's files, plus the target. rustc finds its own sysroot by its shared library, so a wrapper
# has to name this one.
make_sysroot() {
  local e n b
  for e in /usr/lib/rustlib/*; do
    n=$(basename "$e"); [ "$n" = "$TARGET" ] || ln -sfn "$e" "$OUT/lib/rustlib/$n"
  done
  ln -s "$CARGO" "$OUT/bin/cargo"
  for b in rustc rustdoc clippy-driver; do
    [ -x "/usr/bin/$b" ] || continue
    cat > "$OUT/bin/$b" <<SH
#!/bin/sh
case " \$* " in *" --sysroot"*) exec /usr/bin/$b "\$@" ;; esac
exec /usr/bin/$b --sysroot "\${0%/bin/$b}" "\$@"
SH
    chmod 755 "$OUT/bin/$b"
  done
  for b in cargo-clippy rustfmt cargo-fmt; do [ -x "/usr/bin/$b" ] && ln -s "/usr/bin/$b" "$OUT/bin/$b"; done
  true
}

if [ ! -f "$DIR/.complete" ]; then
  mkdir -p "$BASE"
  TMP=$(mktemp -d "$BASE/.build.XXXXXX"); trap 'rm -rf "$TMP"' EXIT
  OUT=$TMP/sysroot
  mkdir -p "$OUT/bin" "$OUT/$LIB"
  TARBALL=${WASM_STD_CACHE:+$WASM_STD_CACHE/std-$TARGET-$REL-$KEY.tar.xz}
  if [ -n "$TARBALL" ] && [ -f "$TARBALL" ] && tar -C "$OUT" -xJf "$TARBALL" 2>/dev/null; then
    say "the standard library for $TARGET, from the cache"
  else
    build_std
    if [ -n "$TARBALL" ]; then
      mkdir -p "$WASM_STD_CACHE"
      tar -C "$OUT" --sort=name --owner=0 --group=0 -cJf "$TARBALL.$$" "lib/rustlib/$TARGET" && mv "$TARBALL.$$" "$TARBALL"
    fi
  fi
  make_sysroot
  has_target "$OUT/bin/rustc" || die "the assembled sysroot has no $TARGET"
  verify "$OUT/bin/rustc" || die "a test build failed"
  touch "$OUT/.complete"
  rm -rf "$DIR"; mv "$OUT" "$DIR"
fi

# ---- hand it to rustup, or to PATH ---------------------------------------------
say "rustc $REL from Debian, panic $PANIC: $NAME"
if command -v rustup >/dev/null; then
  rustup toolchain link "$NAME" "$DIR" >/dev/null 2>&1 || die "rustup toolchain link failed"
  echo "export RUSTUP_TOOLCHAIN='$NAME'"
else
  echo "export PATH='$DIR/bin:$PATH'"
fi
if [ -n "$FLAGS" ]; then
  echo "export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS='$FLAGS'"
  echo "export RUSTC_BOOTSTRAP='1'"
fi
