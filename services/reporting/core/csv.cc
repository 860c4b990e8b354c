#include "services/reporting/core/csv.h"

#include "absl/strings/numbers.h"

namespace zvon::reporting {
namespace {

bool LooksLikeFormula(const std::string& text) {
  if (text.empty() || std::string("=+-@\t\r").find(text[0]) == std::string::npos) return false;
  double ignored;
  // "+79161234567" is not a formula to us but is one to a spreadsheet.
  return text[0] != '-' || !absl::SimpleAtod(text, &ignored);
}

std::string Quote(const std::string& text) {
  if (text.find_first_of(",\"\r\n;") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string CsvRow(const std::vector<std::string>& fields) {
  std::string row;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) row += ',';
    row += Quote(LooksLikeFormula(fields[i]) ? "'" + fields[i] : fields[i]);
  }
  return row + "\r\n";
}

}  // namespace zvon::reporting
