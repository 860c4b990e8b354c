#pragma once
#include "services/common/testing/test_postgres.h"

namespace zvon {

// One server for a whole test program, started at its first use: take
// NewDatabase() for each test case. Gone at the program's end.
inline TestPostgres& SharedPostgres() {
  static TestPostgres server;
  return server;
}

}  // namespace zvon
