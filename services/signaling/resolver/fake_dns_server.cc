#include "services/signaling/resolver/fake_dns_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "services/common/check/check.h"

namespace zvon::sip {

namespace {

std::string Short(unsigned value) {
  return {static_cast<char>(value >> 8 & 255), static_cast<char>(value & 255)};
}

std::string WireName(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    out += static_cast<char>(label.size());
    out += label;
    name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
  }
  return out + '\0';
}

std::string Text(std::string_view text) {
  return static_cast<char>(text.size()) + std::string(text);
}

constexpr unsigned kA = 1, kSrv = 33, kNaptr = 35;

}  // namespace

struct FakeDnsServer::Impl {
  int fd = -1;
  std::mutex mutex;
  std::map<std::string, std::vector<std::string>> records;  // By question (name, type): ttl + data.
  std::atomic<bool> silent{false}, stop{false};
  std::atomic<int> asked{0};
  std::thread thread;

  void Add(const std::string& name, unsigned type, unsigned ttl, const std::string& data) {
    std::lock_guard lock(mutex);
    records[WireName(name) + Short(type)].push_back(Short(ttl >> 16) + Short(ttl) +
                                                    Short(data.size()) + data);
  }

  std::string Answer(const std::string& query) {
    // The question begins after the header of 12 bytes and ends with the class.
    const size_t end = query.find('\0', 12);
    if (end == std::string::npos || end + 5 > query.size()) return {};
    const std::string question = query.substr(12, end + 3 - 12);
    std::lock_guard lock(mutex);
    const auto it = records.find(question);
    const auto& found = it == records.end() ? std::vector<std::string>{} : it->second;
    std::string out = query.substr(0, 2) + "\x81" +
                      std::string(1, found.empty() ? '\x83' : '\x80') + Short(1) +
                      Short(found.size()) + Short(0) + Short(0) + question + Short(1);
    for (const std::string& record : found)
      out += "\xc0\x0c" + question.substr(question.size() - 2) + Short(1) + record;
    return out;
  }

  void Run() {
    char buffer[1500];
    while (!stop) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t n =
          recvfrom(fd, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (n < 12) continue;
      ++asked;
      const std::string answer = silent ? "" : Answer({buffer, static_cast<size_t>(n)});
      if (!answer.empty()) {
        (void)sendto(fd, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
      }
    }
  }
};

FakeDnsServer::FakeDnsServer() : impl_(new Impl) {
  impl_->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ZVON_CHECK(bind(impl_->fd, reinterpret_cast<sockaddr*>(&local), sizeof local) == 0);
  const timeval wait{0, 50'000};
  setsockopt(impl_->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  impl_->thread = std::thread([this] { impl_->Run(); });
}

FakeDnsServer::~FakeDnsServer() {
  impl_->stop = true;
  impl_->thread.join();
  close(impl_->fd);
  delete impl_;
}

std::string FakeDnsServer::address() const {
  sockaddr_in local{};
  socklen_t size = sizeof local;
  getsockname(impl_->fd, reinterpret_cast<sockaddr*>(&local), &size);
  return "127.0.0.1:" + std::to_string(ntohs(local.sin_port));
}

void FakeDnsServer::AddA(const std::string& name, const std::string& address, unsigned ttl_s) {
  in_addr parsed;
  ZVON_CHECK(inet_pton(AF_INET, address.c_str(), &parsed) == 1);
  impl_->Add(name, kA, ttl_s, std::string(reinterpret_cast<const char*>(&parsed), 4));
}

void FakeDnsServer::AddSrv(const std::string& name, int priority, int weight, int port,
                           const std::string& host, unsigned ttl_s) {
  impl_->Add(name, kSrv, ttl_s, Short(priority) + Short(weight) + Short(port) + WireName(host));
}

void FakeDnsServer::AddNaptr(const std::string& name, int order, const std::string& service,
                             const std::string& replacement, unsigned ttl_s) {
  impl_->Add(
      name, kNaptr, ttl_s,
      Short(order) + Short(0) + Text("s") + Text(service) + Text("") + WireName(replacement));
}

void FakeDnsServer::SetSilent(bool silent) { impl_->silent = silent; }
int FakeDnsServer::asked() const { return impl_->asked; }

}  // namespace zvon::sip
