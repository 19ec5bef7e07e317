#!/usr/bin/env bash
# Ruby generated from the library and tested; Swift generated and compared, since no compiler for it is at hand.
source "$(dirname "$0")/../lib.sh"
ruby_ready || skip "ruby needs ruby, ruby-ffi and ruby-minitest"

generate_ffi
out="$CARGO_TARGET_DIR/ffi"
export LD_LIBRARY_PATH="$CARGO_TARGET_DIR/debug${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export DYLD_LIBRARY_PATH="$CARGO_TARGET_DIR/debug"
cases_by ar-ffi/ruby/run_cases.rb ruby -I "$out/ruby" "$root/ar-ffi/ruby/run_cases.rb"
ruby -I "$out/ruby" "$root/ar-ffi/ruby/run_gallery.rb" "$gallery"
for file in "$root"/ar-ffi/ruby/*_test.rb; do ruby -I "$out/ruby" "$file"; done
ruby -I "$out/ruby" "$root/examples/ruby/month_end.rb" | same_as "$root/examples/month_end.txt"
# The program in the README is run like the others.
sed -n '/^```ruby$/,/^```$/{/^```/!p}' "$root/ar-ffi/README.md" | ruby -I "$out/ruby" - | same_as <(readme_prints 2)

# UPDATE=1 accepts what is generated now.
if [ -n "${UPDATE:-}" ]; then cp "$out/swift/receivables.swift" "$root/ar-ffi/swift/"; fi
diff -u "$root/ar-ffi/swift/receivables.swift" "$out/swift/receivables.swift" ||
  { loud "Swift's source changed: look at it, then UPDATE=1 make test ONLY=ruby"; exit 1; }
