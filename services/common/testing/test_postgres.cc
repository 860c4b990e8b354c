#include "services/common/testing/test_postgres.h"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "services/common/testing/free_port.h"

namespace zvon {
namespace {

constexpr char kUser[] = "postgres";

std::string ToolPath(const std::string& tool) {
  for (const char* version : {"17", "16", "15", "14"}) {
    std::string path = absl::StrCat("/usr/lib/postgresql/", version, "/bin/", tool);
    if (std::filesystem::exists(path)) return path;
  }
  return tool;
}

std::string MakeOwnedDir() {
  std::string path = "/tmp/zvon-pg-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) abort();
  passwd* user = getpwnam(kUser);
  if (geteuid() == 0 && user != nullptr && chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
    abort();
  }
  return path;
}

}  // namespace

TestPostgres::TestPostgres() : dir_(MakeOwnedDir()) {
  bool ready = RunTool({ToolPath("initdb"), "-D", dir_ + "/data", "-U", "zvon", "-A", "trust", "-E",
                        "UTF8", "--no-locale", "--no-sync", "--no-instructions"});
  for (int i = 0; ready && i < 5; ++i) {
    port_ = FreePort();
    if (TryStart()) break;
  }
  ready =
      ready && process_ != nullptr && process_->Running() &&
      RunTool({ToolPath("createdb"), "-h", dir_, "-p", absl::StrCat(port_), "-U", "zvon", "zvon"});
  if (ready) return;
  fprintf(stderr, "cannot start PostgreSQL: %s\n", ReadSmallFile(dir_ + "/log").c_str());
  abort();
}

TestPostgres::~TestPostgres() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
}

bool TestPostgres::RunTool(std::vector<std::string> args) {
  auto tool = ChildProcess::Start(
      {.args = std::move(args), .user = kUser, .output_file = dir_ + "/tool.log"});
  if (!tool.ok()) return false;
  auto code = (*tool)->Wait(absl::Seconds(60));
  if (code.ok() && *code == 0) return true;
  fprintf(stderr, "%s\n", ReadSmallFile(dir_ + "/tool.log").c_str());
  return false;
}

bool TestPostgres::TryStart() {
  auto process = ChildProcess::Start(
      {.args = {ToolPath("postgres"), "-D", dir_ + "/data", "-p", absl::StrCat(port_), "-k", dir_,
                "-h", "127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=16MB"},
       .user = kUser,
       .output_file = dir_ + "/log"});
  if (!process.ok()) return false;
  process_ = std::move(*process);
  auto ready = [this] {
    // The last line of postmaster.pid says what the server is doing.
    return ReadSmallFile(dir_ + "/data/postmaster.pid").find("\nready") != std::string::npos;
  };
  WaitUntil([&] { return !process_->Running() || ready(); }, absl::Seconds(30));
  return process_->Running() && ready();
}

std::string TestPostgres::dsn() const {
  return absl::StrCat("host=127.0.0.1 port=", port_, " dbname=zvon user=zvon");
}

std::string TestPostgres::NewDatabase() {
  std::string name = absl::StrCat("zvon", ++databases_);
  if (!RunTool({ToolPath("createdb"), "-h", dir_, "-p", absl::StrCat(port_), "-U", "zvon", name})) {
    abort();
  }
  return absl::StrCat("host=127.0.0.1 port=", port_, " dbname=", name, " user=zvon");
}

void TestPostgres::Kill() {
  if (process_ == nullptr) return;
  process_->Signal(SIGQUIT);
  (void)process_->Wait(absl::Seconds(10));
  process_.reset();
}

void TestPostgres::Restart() {
  Kill();
  if (!WaitUntil([this] { return TryStart(); }, absl::Seconds(30))) abort();
}

}  // namespace zvon
