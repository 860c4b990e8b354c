# Every row of docs/requirements.md names a test that exists.
# shellcheck shell=bash
check_requirements() {
  local line file name bad=0
  while IFS= read -r line; do
    file=$(sed -E 's/.*`([^`]+)` › .*/\1/' <<< "$line")
    name=$(sed -E 's/.*` › (.*[^ ]) *\|$/\1/' <<< "$line")
    if ! grep -qF -- "$name" "$ZVON_ROOT/$file" 2> /dev/null; then
      say "docs/requirements.md: no test \"$name\" in $file"
      bad=1
    fi
  done < <(grep -E '^\|.*` › ' "$ZVON_ROOT/docs/requirements.md")
  return $bad
}
