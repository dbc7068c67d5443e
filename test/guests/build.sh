#!/usr/bin/env bash
# Builds the guests in bin/ from src/. Needs Debian's gcc-riscv64-linux-gnu and libc6-dev-riscv64-cross; the musl guest
# also needs musl's source: `apt-get source musl` (deb-src enabled), or MUSL_SOURCE=DIR.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$here/bin"
cc=riscv64-linux-gnu-gcc
plain=(-O2 -march=rv64gc -mabi=lp64d -Wall -Wextra -Wno-array-bounds -Wno-stringop-overread -ffile-prefix-map="$here"=. -Wl,--build-id=none)
flags=("${plain[@]}" -s)

"$cc" "${flags[@]}" -nostdlib -nostartfiles -ffreestanding -static -o "$here/bin/compute" "$here/src/compute.c"
"$cc" "${flags[@]}" -nostdlib -nostartfiles -ffreestanding -fno-tree-loop-distribute-patterns -static -Wl,--no-relax -Wl,--section-start=.code=0x100000 \
  -o "$here/bin/instruction-runner" "$here/src/instruction-runner.c"
# With its symbols, to be looked at.
"$cc" "${plain[@]}" -nostdlib -nostartfiles -ffreestanding -fno-tree-loop-distribute-patterns -static -Wl,--no-relax -o "$here/bin/tally" "$here/src/tally.c"
for guest in hello threads signals floating files file-calls memory processes system; do
  "$cc" "${flags[@]}" -static -pthread -o "$here/bin/$guest" "$here/src/$guest.c" -lm
done

if [ -z "${MUSL_SOURCE:-}" ]; then
  (cd "$work" && apt-get source -qq musl >/dev/null)
  MUSL_SOURCE=$(echo "$work"/musl-*/)
fi
(cd "$MUSL_SOURCE" && ./configure --quiet --target=riscv64-linux-gnu --prefix="$work/musl" --disable-shared CROSS_COMPILE=riscv64-linux-gnu- \
  && make -s -j2 install) >"$work/musl.log" 2>&1 || { tail "$work/musl.log"; exit 1; }
for guest in hello threads; do
  "$cc" "${flags[@]}" -static-pie -fPIE -Wl,--no-dynamic-linker -nostdinc -isystem "$work/musl/include" -isystem "$("$cc" -print-file-name=include)" \
    -nostdlib -nostartfiles -o "$here/bin/$guest-musl" "$work/musl/lib/rcrt1.o" "$work/musl/lib/crti.o" "$here/src/$guest.c" \
    "$work/musl/lib/libc.a" -lgcc -lgcc_eh "$work/musl/lib/libc.a" "$work/musl/lib/crtn.o"
done
ls -l "$here/bin"
