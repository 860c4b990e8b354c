#include "services/common/lifecycle/service_host.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "services/common/lifecycle/health.h"

namespace zvon {
namespace {

std::string TempDir() {
  char name[] = "/tmp/zvon-host-XXXXXX";
  return mkdtemp(name);
}

// Runs a small process with these flags: it says 'r' when ready and exits 7
// after a stop. Signals are blocked in the child only.
struct Child {
  explicit Child(std::vector<std::string> flags, bool stop_itself = false) {
    int fds[2];
    REQUIRE(pipe(fds) == 0);
    pid = fork();
    if (pid == 0) {
      std::vector<char*> argv = {const_cast<char*>("test")};
      for (std::string& flag : flags) argv.push_back(flag.data());
      SettingsReader reader("sample", "For tests.");
      ServiceHost host("sample", reader);
      int code = host.Init(static_cast<int>(argv.size()), argv.data());
      if (code >= 0) _exit(code);
      host.SetReady();
      (void)!write(fds[1], "r", 1);
      if (stop_itself) host.RequestStop();
      host.WaitForStop();
      _exit(7);
    }
    close(fds[1]);
    char byte = 0;
    ready = read(fds[0], &byte, 1) == 1 && byte == 'r';
    close(fds[0]);
  }
  int Wait() {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  pid_t pid;
  bool ready = false;
};

}  // namespace

TEST_CASE("a process becomes ready, stops on SIGTERM and has its folder") {
  std::string dir = TempDir();
  Child child({"--data.dir=" + dir + "/a/b", "--log.level=error"});
  REQUIRE(child.ready);
  kill(child.pid, SIGTERM);
  CHECK(child.Wait() == 7);
  CHECK(std::filesystem::is_directory(dir + "/a/b"));
  std::filesystem::remove_all(dir);
}

TEST_CASE("a process can ask for its own stop") {
  std::string dir = TempDir();
  Child child({"--data.dir=" + dir, "--log.level=error"}, true);
  CHECK(child.Wait() == 7);
  std::filesystem::remove_all(dir);
}

TEST_CASE("wrong settings end the process with code 1") {
  std::string dir = TempDir();
  CHECK(Child({"--data.dir=" + dir, "--log.level=loud"}).Wait() == 1);
  CHECK(Child({"--data.dir=" + dir, "--admin.listen=nonsense"}).Wait() == 1);
  CHECK(Child({"--nonsense=1"}).Wait() == 1);
  std::filesystem::remove_all(dir);
}

TEST_CASE("readiness lists the checks; only critical ones make the process unhealthy") {
  internal::HealthTable health;
  bool broken = false;
  health.Add("redis", false,
             [&] { return broken ? absl::UnavailableError("no \"answer\"") : absl::OkStatus(); });
  CHECK(health.Healthz().code == 200);
  CHECK(health.Readyz().code == 503);
  health.SetReady(true);
  CHECK(health.Readyz().code == 200);
  broken = true;
  CHECK(health.Healthz().code == 200);
  CHECK(health.Readyz().code == 503);
  CHECK(health.Readyz().body ==
        "{\"ok\":false,\"ready\":true,\"checks\":[{\"name\":\"redis\",\"ok\":false,"
        "\"critical\":false,\"message\":\"no \\\"answer\\\"\"}]}\n");
  health.Add("loop", true, [] { return absl::InternalError("stuck"); });
  CHECK(health.Healthz().code == 503);
}

TEST_CASE("after the stop no check is called: what it looks at may be gone") {
  internal::HealthTable health;
  int calls = 0;
  health.Add("database", true, [&calls] {
    ++calls;
    return absl::OkStatus();
  });
  health.SetReady(true);
  CHECK(health.Readyz().code == 200);
  health.Stop();
  CHECK(health.Readyz().code == 503);
  CHECK(health.Healthz().code == 200);
  CHECK(calls == 1);
}

}  // namespace zvon
