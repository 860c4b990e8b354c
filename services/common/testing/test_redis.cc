#include "services/common/testing/test_redis.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "services/common/testing/free_port.h"

namespace zvon {
namespace {

bool AnswersPing(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  char answer[16] = {};
  bool pong = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
              write(fd, "PING\r\n", 6) == 6 && read(fd, answer, 7) > 4 && answer[1] == 'P';
  close(fd);
  return pong;
}

}  // namespace

TestRedis::TestRedis() {
  for (int i = 0; i < 5; ++i) {
    port_ = FreePort();
    if (TryStart()) return;
  }
  fprintf(stderr, "cannot start redis-server: %s\n",
          ReadSmallFile(dir_.path() + "/redis.log").c_str());
  abort();
}

TestRedis::~TestRedis() = default;

bool TestRedis::TryStart() {
  auto process = ChildProcess::Start(
      {.args = {"redis-server", "--port", absl::StrCat(port_), "--bind", "127.0.0.1", "--save", "",
                "--appendonly", "no", "--dir", dir_.path()},
       .output_file = dir_.path() + "/redis.log"});
  if (!process.ok()) return false;
  process_ = std::move(*process);
  WaitUntil([this] { return !process_->Running() || AnswersPing(port_); });
  return process_->Running() && AnswersPing(port_);
}

std::string TestRedis::address() const { return absl::StrCat("127.0.0.1:", port_); }

void TestRedis::Kill() { process_.reset(); }

void TestRedis::Restart() {
  Kill();
  if (!WaitUntil([this] { return TryStart(); })) abort();
}

void TestRedis::Freeze() { process_->Signal(SIGSTOP); }
void TestRedis::Thaw() { process_->Signal(SIGCONT); }

}  // namespace zvon
