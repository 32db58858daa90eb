#!/usr/bin/env bash
# usage: globals.sh OBJECT…
#
# One line for every variable that can change: what lies in .data or .bss. Constant tables lie in
# .rodata or .data.rel.ro and are welcome.
LC_ALL=C objdump -t "$@" | awk '
/file format/ { file = $1; sub(/:$/, "", file) }
NF < 4 { next }
$(NF - 2) ~ /^\.(data|bss)(\.|$)/ && $(NF - 2) !~ /^\.data\.rel\.ro/ && $NF !~ /^\./ { print file ": " $NF; bad = 1 }
$(NF - 2) == "*COM*" { print file ": " $NF; bad = 1 }
END { exit bad }'
