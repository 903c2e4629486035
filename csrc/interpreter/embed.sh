#!/bin/sh
# Writes an assembler file that holds the given Lua files as they are, and the
# table ul_embedded_modules of their module names (see embedded.h).
set -eu

module_name() {
  echo "$1" | sed -e 's|^lua/||' -e 's|^.*/argparse\.lua$|argparse.lua|' \
    -e 's|/init\.lua$||' -e 's|\.lua$||' -e 's|/|.|g'
}

echo '  .section .rodata'
number=0
for file in "$@"; do
  printf 'text%d: .incbin "%s"\nend%d: .byte 0\nname%d: .asciz "%s"\n' \
    $number "$file" $number $number "$(module_name "$file")"
  number=$((number + 1))
done

echo '  .section .data.rel.ro,"aw"'
echo '  .balign 8'
echo '  .globl ul_embedded_modules'
echo '  .hidden ul_embedded_modules'
echo 'ul_embedded_modules:'
index=0
while [ $index -lt $number ]; do
  printf '  .quad name%d, text%d, end%d - text%d\n' $index $index $index $index
  index=$((index + 1))
done
echo '  .quad 0, 0, 0'
echo '  .section .note.GNU-stack,"",%progbits'
