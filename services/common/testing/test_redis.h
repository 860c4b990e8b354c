#pragma once
#include <memory>
#include <string>

#include "services/common/testing/child_process.h"
#include "services/common/testing/temp_dir.h"

namespace zvon {

// A private redis-server on a free port, without persistence. Aborts the test
// program with a reason where it cannot be started.
class TestRedis {
 public:
  TestRedis();
  ~TestRedis();
  // "127.0.0.1:port", the same after Kill and Restart.
  std::string address() const;
  int port() const { return port_; }
  // SIGKILL. All data are gone after Restart (a wiped server).
  void Kill();
  void Restart();
  // SIGSTOP and SIGCONT: a server that hangs.
  void Freeze();
  void Thaw();

 private:
  bool TryStart();
  TempDir dir_;
  int port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace zvon
