#pragma once
// For tests: a phone on a real UDP socket that sends a tone and keeps what it
// hears.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "services/common/audio/g711.h"
#include "services/common/audio/tone.h"
#include "services/common/rtp/rtp_packet.h"

namespace zvon::media {

class TestPhone {
 public:
  struct Heard {
    RtpHeader header;
    std::vector<uint8_t> payload;
    std::chrono::steady_clock::time_point time;
  };

  explicit TestPhone(G711Law law) : law_(law), fd_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd_, reinterpret_cast<sockaddr*>(&local), sizeof local);
    socklen_t size = sizeof local;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&local), &size);
    port_ = ntohs(local.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~TestPhone() {
    stop_ = true;
    thread_.join();
    close(fd_);
  }
  TestPhone(const TestPhone&) = delete;
  TestPhone& operator=(const TestPhone&) = delete;

  int port() const { return port_; }
  uint8_t payload_type() const { return law_ == G711Law::kALaw ? 8 : 0; }
  // Begins to send a tone to 127.0.0.1:`port`; 0 Hz = silence.
  void Talk(int port, double hz) {
    std::lock_guard lock(mutex_);
    tone_ = ToneGenerator(hz, 8000, hz > 0 ? 0.3 : 0);
    target_ = port;
  }
  std::vector<Heard> heard() const {
    std::lock_guard lock(mutex_);
    return heard_;
  }
  void Forget() {
    std::lock_guard lock(mutex_);
    heard_.clear();
  }
  std::vector<int16_t> pcm() const {
    std::vector<int16_t> pcm;
    for (const Heard& packet : heard()) {
      for (const uint8_t code : packet.payload) {
        pcm.push_back(law_ == G711Law::kALaw ? ALawToLinear(code) : MuLawToLinear(code));
      }
    }
    return pcm;
  }

 private:
  void Run() {
    auto next = std::chrono::steady_clock::now();
    while (!stop_) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          next - std::chrono::steady_clock::now());
      pollfd ready{fd_, POLLIN, 0};
      if (poll(&ready, 1, std::max<int>(0, static_cast<int>(left.count()))) > 0) Hear();
      if (std::chrono::steady_clock::now() < next) continue;
      next += std::chrono::milliseconds(20);
      Say();
    }
  }
  void Hear() {
    uint8_t bytes[2048];
    const ssize_t n = recv(fd_, bytes, sizeof bytes, 0);
    const auto packet = n > 0 ? ParseRtp({bytes, static_cast<size_t>(n)}) : std::nullopt;
    if (!packet) return;
    std::lock_guard lock(mutex_);
    heard_.push_back({packet->header,
                      {packet->payload.begin(), packet->payload.end()},
                      std::chrono::steady_clock::now()});
  }
  void Say() {
    std::lock_guard lock(mutex_);
    if (target_ == 0) return;
    uint8_t bytes[kRtpHeaderSize + 160];
    WriteRtpHeader(
        {payload_type(), false, sequence_++, timestamp_, 0x1000u + static_cast<uint32_t>(port_)},
        absl::MakeSpan(bytes));
    timestamp_ += 160;
    for (size_t i = 0; i < 160; ++i) {
      const int16_t sample = tone_.Next();
      bytes[kRtpHeaderSize + i] =
          law_ == G711Law::kALaw ? LinearToALaw(sample) : LinearToMuLaw(sample);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(target_));
    sendto(fd_, bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }

  G711Law law_;
  int fd_;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  int target_ = 0;  // By mutex_, as the rest.
  ToneGenerator tone_{0, 8000, 0};
  uint16_t sequence_ = 7;
  uint32_t timestamp_ = 99;
  std::vector<Heard> heard_;
  std::thread thread_;
};

// Waits until `condition` holds, at most 10 s.
template <class Condition>
bool WaitFor(Condition condition, std::chrono::seconds limit = std::chrono::seconds(10)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace zvon::media
