#include "services/common/testing/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "services/common/testing/temp_dir.h"

namespace zvon {
namespace {

struct Rights {
  bool change = false;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

absl::StatusOr<Rights> FindRights(const std::string& user) {
  Rights rights;
  if (user.empty() || geteuid() != 0) return rights;
  passwd* entry = getpwnam(user.c_str());
  if (entry == nullptr) return absl::NotFoundError(absl::StrCat("no user ", user));
  rights.change = true;
  rights.uid = entry->pw_uid;
  rights.gid = entry->pw_gid;
  int count = 64;
  rights.groups.resize(static_cast<size_t>(count));
  getgrouplist(user.c_str(), rights.gid, rights.groups.data(), &count);
  rights.groups.resize(static_cast<size_t>(count));
  return rights;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Between fork and exec: only async-signal-safe calls.
[[noreturn]] void BecomeProgram(const Rights& rights, int output, pid_t parent, char** argv,
                                char** envp) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (rights.change && (setgroups(rights.groups.size(), rights.groups.data()) != 0 ||
                        setgid(rights.gid) != 0 || setuid(rights.uid) != 0)) {
    _exit(126);
  }
  // After setuid, which clears it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(125);
  int null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  dup2(output, 1);
  dup2(output, 2);
  execvpe(argv[0], argv, envp);
  _exit(127);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const Options& options) {
  auto rights = FindRights(options.user);
  if (!rights.ok()) return rights.status();
  std::vector<std::string> args = options.args;
  std::vector<std::string> env = options.env;
  for (char** e = environ; *e != nullptr; ++e) env.push_back(*e);
  std::vector<char*> argv = Pointers(args), envp = Pointers(env);
  const std::string output = options.output_file.empty() ? "/dev/null" : options.output_file;
  int fd = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return absl::InternalError(absl::StrCat("cannot open ", output));
  const pid_t parent = getpid();
  pid_t pid = fork();
  if (pid == 0) BecomeProgram(*rights, fd, parent, argv.data(), envp.data());
  close(fd);
  if (pid < 0) return absl::InternalError("fork failed");
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid));
}

ChildProcess::~ChildProcess() {
  if (!Running()) return;
  kill(pid_, SIGKILL);
  Reap(0);
}

bool ChildProcess::Reap(int flags) {
  if (ended_) return true;
  int status = 0;
  pid_t got;
  do {
    got = waitpid(pid_, &status, flags);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return false;
  ended_ = true;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return true;
}

bool ChildProcess::Running() { return !Reap(WNOHANG); }

void ChildProcess::Signal(int signal) {
  if (Running()) kill(pid_, signal);
}

absl::StatusOr<int> ChildProcess::Wait(absl::Duration limit) {
  if (WaitUntil([this] { return !Running(); }, limit)) return exit_code_;
  return absl::DeadlineExceededError(absl::StrCat("process ", pid_, " still runs"));
}

std::string ReadSmallFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace zvon
