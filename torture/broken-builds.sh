#!/usr/bin/env bash
# Proves that the torture test finds what it is there to find: breaks a copy of the engine in each of the ways that
# torture/src/broken/ holds, and tortures it for two minutes at most. Arguments are handed to Maven; BROKEN names one way.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$root/torture/target/broken
missed=0
for patch in "$root"/torture/src/broken/${BROKEN:-*}.patch; do
	name=$(basename "$patch" .patch)
	copy=$work/$name
	rm -rf "$copy"
	mkdir -p "$copy"
	(cd "$root" && git ls-files -z | tar --null -T - -cf -) | tar -xf - -C "$copy"
	patch -s -d "$copy" -p1 <"$patch"
	if (cd "$copy" && ./mvnw -B -pl torture -am test -Dspring-javaformat.skip=true -Dtest=io.github.litestream4j.torture.TortureTests \
		-Dsurefire.failIfNoSpecifiedTests=false -Dtest.programs="$root/target" -Dtorture.minutes=2 "$@") \
		>"$work/$name.log" 2>&1; then
		echo "$name: NOT caught within two minutes, see $work/$name.log"
		missed=1
	elif caught=$(grep -m 1 -o 'seed [0-9]*, after .* min: .*' "$work/$name.log"); then
		echo "$name: caught with $caught"
	else
		echo "$name: could not be built or run, see $work/$name.log"
		missed=1
	fi
done
exit $missed
