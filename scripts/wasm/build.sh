# How wasm is compiled and optimised, so that the same sources give the same bytes on every machine:
# no path of it, of its cargo or of its compiler stays in them, and no setting of its user counts.
# Sourced by scripts/artifacts and tests/vm/build.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
wasm_opt=$root/scripts/wasm/node_modules/.bin/wasm-opt

fail() { printf '%s\n' "$*" >&2; exit 1; }

# Says what is missing, installs wasm-opt, and sets what the compiler is told.
prepare() {
  command -v cargo >/dev/null || fail "cargo is missing: install Rust with rustup"
  command -v node >/dev/null && command -v npm >/dev/null ||
    fail "node and npm are missing: wasm-opt is a package of npm; install Node.js 20 or later"
  unset RUSTUP_TOOLCHAIN "${!CARGO_PROFILE_@}"
  target=${CARGO_TARGET_DIR:-$root/target}
  mkdir -p "$target"
  target=$(cd "$target" && pwd -P)
  cd "$root"
  local wanted found
  wanted=$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)
  found=$(rustc --version | cut -d ' ' -f 2)
  [ "$found" = "$wanted" ] || fail "rustc is $found, rust-toolchain.toml wants $wanted"
  [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] ||
    rustup target add wasm32-unknown-unknown
  [ "$("$wasm_opt" --version 2>/dev/null)" = "wasm-opt version 132 (version_132)" ] ||
    npm --prefix scripts/wasm ci --no-audit --no-fund
  CARGO_ENCODED_RUSTFLAGS=$(same_paths)
  export CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR=$target CARGO_INCREMENTAL=0
}

# Flags that put the same names in the place of this machine's folders; of several that fit, the
# last one counts.
same_paths() {
  local commit folder flags=("--remap-path-prefix=$root=/noderev")
  flags+=("--remap-path-prefix=$target=/target")
  while read -r folder; do
    flags+=("--remap-path-prefix=$folder=/crates")
  done < <(crate_folders)
  commit=$(rustc --version --verbose | sed -n 's/^commit-hash: //p')
  flags+=("--remap-path-prefix=$(rustc --print sysroot)/lib/rustlib/src/rust=/rustc/$commit")
  (IFS=$'\x1f'; printf '%s' "${flags[*]}")
}

# Folders in which cargo keeps the sources of published crates.
crate_folders() {
  cargo metadata --locked --quiet --format-version 1 --filter-platform wasm32-unknown-unknown |
    node -e '
      const { packages } = JSON.parse(require("fs").readFileSync(0));
      const { dirname } = require("path");
      const folders = packages.filter((it) => it.source).map((it) => dirname(dirname(it.manifest_path)));
      console.log([...new Set(folders)].sort().join("\n"));'
}

# compile FOLDER PACKAGE: in the workspace of that folder.
compile() {
  (cd "$1" && cargo build --locked --quiet --profile wasm --lib \
    --target wasm32-unknown-unknown -p "$2")
}

# optimise PACKAGE FILE: what was compiled, into that file.
optimise() {
  "$wasm_opt" \
    --enable-bulk-memory --enable-sign-ext --enable-mutable-globals \
    --enable-nontrapping-float-to-int --enable-multivalue --enable-reference-types \
    --llvm-memory-copy-fill-lowering --signext-lowering --llvm-nontrapping-fptoint-lowering \
    --strip-debug --strip-producers -Os \
    "$target/wasm32-unknown-unknown/wasm/${1//-/_}.wasm" -o "$2"
}
