#pragma once
// RFC 4180 rows that are safe to open in a spreadsheet.

#include <string>
#include <vector>

namespace zvon::reporting {

// UTF-8 byte order mark: without it Excel reads Russian as Windows-1251.
inline constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

// One record with CRLF. Fields that a spreadsheet would take for a formula
// (= + - @ TAB CR first) get an apostrophe before; plain numbers do not.
std::string CsvRow(const std::vector<std::string>& fields);

}  // namespace zvon::reporting
