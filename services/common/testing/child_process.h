#pragma once
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zvon {

// A program run by a test. Dies with this object (SIGKILL, by its pid) and
// with the thread that started it, whatever happens to the test.
class ChildProcess {
 public:
  struct Options {
    // args[0] is the program, looked for in PATH.
    std::vector<std::string> args;
    // "NAME=value", added to this process's environment.
    std::vector<std::string> env;
    // Takes this user's rights where this process is root; empty = keep.
    std::string user;
    // Gets standard output and error; empty = thrown away.
    std::string output_file;
  };
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const Options& options);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool Running();
  void Signal(int signal);
  // Waits for the end; the exit code, 128 + signal, or DEADLINE_EXCEEDED.
  absl::StatusOr<int> Wait(absl::Duration limit);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  bool Reap(int flags);
  pid_t pid_;
  bool ended_ = false;
  int exit_code_ = 0;
};

// The whole text of a small file, "" where it cannot be read.
std::string ReadSmallFile(const std::string& path);

}  // namespace zvon
