// What a relayed packet costs: the core alone, a worker on real sockets, and
// a loop that only receives and sends, with the same batches.

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "services/media/adapters/udp_ports.h"
#include "services/media/core/core_rig.h"
#include "services/media/server/media_worker.h"

namespace zvon::media {
namespace {

constexpr int kPairs = 50;

void BM_CoreRelay(benchmark::State& state) {
  CoreRig rig;
  rig.Create("a", 4000);
  rig.Create("b", 5000, state.range(0) == 0 ? Codec::kPcma : Codec::kPcmu);
  rig.Do(Bridge{"a", "b"});
  if (state.range(1) != 0) rig.Do(StartRecording{"rec", "demo", "i", "a", "b", ""});
  std::vector<uint8_t> bytes(kRtpHeaderSize + 160, 0x55);
  const SocketAddress source = *ParseSocketAddress("127.0.0.1", 4000);
  uint32_t n = 0;
  for (auto _ : state) {
    WriteRtpHeader({8, false, static_cast<uint16_t>(n), n * 160, 1}, absl::MakeSpan(bytes));
    ++n;
    rig.now += absl::Milliseconds(20);
    rig.core.HandleRtp(rig.slots["a"], source, bytes, rig.now, rig.effects);
    if (n % 50 == 0) rig.core.Tick(rig.now, rig.effects);
    rig.effects.Clear();
  }
}
BENCHMARK(BM_CoreRelay)
    ->ArgNames({"transcode", "record"})
    ->Args({0, 0})
    ->Args({1, 0})
    ->Args({0, 1});

double CpuOfOthers() {
  auto seconds = [](const rusage& u) {
    return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
  };
  rusage all{};
  rusage mine{};
  getrusage(RUSAGE_SELF, &all);
  getrusage(RUSAGE_THREAD, &mine);
  return seconds(all) - seconds(mine);
}

struct Phone {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to{};
  int port = 0;
  Phone() {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, reinterpret_cast<sockaddr*>(&local), sizeof local) != 0) std::abort();
    socklen_t size = sizeof local;
    getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size);
    port = ntohs(local.sin_port);
    to = local;
  }
  ~Phone() { close(fd); }
};

// Each phone sends one packet, each hears its partner's: a round of a tick.
void Round(std::vector<Phone>& phones, uint32_t n) {
  uint8_t bytes[kRtpHeaderSize + 160] = {};
  WriteRtpHeader({8, false, static_cast<uint16_t>(n), n * 160, 1}, absl::MakeSpan(bytes));
  for (Phone& phone : phones) {
    sendto(phone.fd, bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&phone.to),
           sizeof phone.to);
  }
  uint8_t heard[2048];
  for (Phone& phone : phones) {
    pollfd ready{phone.fd, POLLIN, 0};
    if (poll(&ready, 1, 1000) == 1) recv(phone.fd, heard, sizeof heard, 0);
  }
}

void Report(benchmark::State& state, double cpu) {
  const double packets = static_cast<double>(state.iterations()) * 2 * kPairs;
  state.counters["cpu_us_per_packet"] = cpu * 1e6 / packets;
}

void BM_WorkerRelay(benchmark::State& state) {
  SteadyClock clock;
  RigPrompts prompts;
  std::mutex mutex;
  std::vector<std::pair<std::string, int>> ready;
  MediaWorker worker({0, 1, *ParseSocketAddress("127.0.0.1", 0), 47000, 48999, {}}, clock,
                     SystemRandom(), prompts, nullptr,
                     {[&](std::vector<Event> events) {
                        std::lock_guard lock(mutex);
                        for (const Event& event : events) {
                          if (const auto* e = std::get_if<EndpointReady>(&event.body)) {
                            ready.emplace_back(e->endpoint_id, e->port);
                          }
                        }
                      },
                      [](std::vector<RecordingOp>) {}});
  if (!worker.Start().ok()) std::abort();
  std::vector<Phone> phones(2 * kPairs);
  for (int i = 0; i < 2 * kPairs; ++i) {
    const std::string call = "c" + std::to_string(i / 2);
    RemoteDescription remote;
    remote.address = *ParseSocketAddress("127.0.0.1", phones[i].port);
    remote.codec = Codec::kPcma;
    remote.payload_type = 8;
    remote.dtmf_payload_type = 101;
    if (!worker.Post(Command{call, CreateEndpoint{std::to_string(i), remote, 0}})) std::abort();
    if (i % 2 == 1 &&
        !worker.Post(Command{call, Bridge{std::to_string(i - 1), std::to_string(i)}})) {
      std::abort();
    }
    if (i % 2 == 1 && state.range(0) != 0 &&
        !worker.Post(Command{call, StartRecording{"r" + std::to_string(i), "demo", "i",
                                                  std::to_string(i - 1), std::to_string(i), ""}})) {
      std::abort();
    }
  }
  while (true) {
    std::lock_guard lock(mutex);
    if (ready.size() == phones.size()) break;
  }
  for (const auto& [id, port] : ready)
    phones[std::stoul(id)].to.sin_port = htons(static_cast<uint16_t>(port));
  uint32_t n = 0;
  Round(phones, n++);
  const double before = CpuOfOthers();
  for (auto _ : state) Round(phones, n++);
  Report(state, CpuOfOthers() - before);
}
BENCHMARK(BM_WorkerRelay)
    ->ArgName("record")
    ->Arg(0)
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

void BM_BareRelay(benchmark::State& state) {
  const SocketAddress local = *ParseSocketAddress("127.0.0.1", 0);
  PortRange range(47000, 48999, 0, 1, 1);
  std::vector<std::unique_ptr<UdpPair>> pairs;
  std::vector<Phone> phones(2 * kPairs);
  const int epoll_fd = epoll_create1(0);
  for (int i = 0; i < 2 * kPairs; ++i) {
    pairs.push_back(*range.Open(local, 0));
    phones[i].to.sin_port = htons(static_cast<uint16_t>(pairs[i]->port()));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<uint32_t>(i);
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, pairs[i]->fd(false), &event);
  }
  std::atomic<bool> stop{false};
  std::thread relay([&] {
    UdpReader reader;
    UdpWriter writer;
    Effects effects;
    epoll_event events[256];
    while (!stop) {
      const int count = epoll_wait(epoll_fd, events, 256, 100);
      for (int i = 0; i < count; ++i) {
        const Slot from = events[i].data.u32;
        const Slot to = from ^ 1;
        reader.Read(
            pairs[from]->fd(false), [&](const SocketAddress&, absl::Span<const uint8_t> bytes) {
              const SocketAddress target = *ParseSocketAddress("127.0.0.1", phones[to].port);
              std::copy(bytes.begin(), bytes.end(),
                        effects.Add(to, false, target, bytes.size()).begin());
            });
      }
      writer.Send(effects, [&](const Effects::Packet& p) { return pairs[p.slot]->fd(false); });
      effects.Clear();
    }
  });
  uint32_t n = 0;
  Round(phones, n++);
  const double before = CpuOfOthers();
  for (auto _ : state) Round(phones, n++);
  Report(state, CpuOfOthers() - before);
  stop = true;
  relay.join();
  close(epoll_fd);
}
BENCHMARK(BM_BareRelay)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace zvon::media

BENCHMARK_MAIN();
