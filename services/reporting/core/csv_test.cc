#include "services/reporting/core/csv.h"

#include <catch2/catch.hpp>

using zvon::reporting::CsvRow;

TEST_CASE("fields are quoted where they must be") {
  CHECK(CsvRow({"a", "b"}) == "a,b\r\n");
  CHECK(CsvRow({"a,b", "say \"hi\""}) == "\"a,b\",\"say \"\"hi\"\"\"\r\n");
  CHECK(CsvRow({"line\nbreak"}) == "\"line\nbreak\"\r\n");
  CHECK(CsvRow({"Иван"}) == "Иван\r\n");
  CHECK(CsvRow({""}) == "\r\n");
}

TEST_CASE("nothing becomes a formula in a spreadsheet") {
  CHECK(CsvRow({"=1+1"}) == "'=1+1\r\n");
  CHECK(CsvRow({"+79161234567"}) == "'+79161234567\r\n");
  CHECK(CsvRow({"@SUM(A1)"}) == "'@SUM(A1)\r\n");
  CHECK(CsvRow({"-2+3"}) == "'-2+3\r\n");
  CHECK(CsvRow({"-2.5"}) == "-2.5\r\n");
}
