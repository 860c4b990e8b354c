#pragma once
#include <memory>
#include <string>

#include "services/common/testing/child_process.h"
#include "services/common/testing/temp_dir.h"

namespace zvon {

// A private PostgreSQL with an empty database "zvon" of user "zvon", on a unix
// socket and a free port, without fsync. Run as user postgres where the test
// is root. Costs about two seconds: share one per test program. Aborts with a
// reason where it cannot be started.
class TestPostgres {
 public:
  TestPostgres();
  ~TestPostgres();
  // libpq connection string (TCP, 127.0.0.1).
  std::string dsn() const;
  // Makes another empty database and gives its connection string.
  std::string NewDatabase();
  int port() const { return port_; }
  // SIGQUIT (immediate), as a crash; the data stay.
  void Kill();
  void Restart();

 private:
  bool TryStart();
  bool RunTool(std::vector<std::string> args);
  std::string dir_;
  int port_ = 0;
  int databases_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace zvon
