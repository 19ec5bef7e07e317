#!/usr/bin/env bash
# Kotlin generated from the library, compiled with the harness, run on the JVM.
source "$(dirname "$0")/../lib.sh"
has java || skip "kotlin needs a Java runtime"
jna=$(jna_jar) || skip "kotlin needs JNA: Debian's libjna-java, or JNA_JAR=its path"

# The compiler is an npm package: Debian's own Kotlin is too old to read what UniFFI writes.
version=2.4.20
compiler="$tools/kotlin-compiler-$version"
if [ ! -f "$compiler/done" ]; then
  has npm || skip "kotlin needs npm, which its compiler comes by"
  rm -rf "$compiler" && mkdir -p "$compiler"
  tarball=$(cd "$compiler" && npm pack --silent "kotlin-compiler@$version" | tail -1)
  tar -xzf "$compiler/$tarball" -C "$compiler" --strip-components=1
  rm "$compiler/$tarball" && touch "$compiler/done"
fi

generate_ffi
out="$CARGO_TARGET_DIR/ffi/kotlin"
classes="$out/classes"
# The program in the README is compiled and run like the others.
sed -n '/^```kotlin$/,/^```$/{/^```/!p}' "$root/ar-ffi/README.md" > "$out/Readme.kt.new"
cmp -s "$out/Readme.kt.new" "$out/Readme.kt" || cp "$out/Readme.kt.new" "$out/Readme.kt"
sources=("$out"/receivables/*.kt "$root"/ar-ffi/kotlin/*.kt "$root"/examples/kotlin/*.kt "$out/Readme.kt")
fresh=0
for source in "${sources[@]}"; do [ "$classes/done" -nt "$source" ] || fresh=1; done
if [ "$fresh" = 1 ]; then
  rm -rf "$classes"
  bash "$compiler/bin/kotlinc" -nowarn -cp "$jna" "${sources[@]}" -d "$classes" && touch "$classes/done"
fi
run=(java -Djna.library.path="$CARGO_TARGET_DIR/debug" -cp "$classes:$jna:$compiler/lib/kotlin-stdlib.jar")
cases_by ar-ffi/kotlin/RunCases.kt "${run[@]}" RunCasesKt
"${run[@]}" RunGalleryKt "$gallery"
"${run[@]}" TestsKt
"${run[@]}" MonthEndKt | same_as "$root/examples/month_end.txt"
"${run[@]}" ReadmeKt | same_as <(readme_prints 1)
