// The service as a whole: gRPC, disk, PostgreSQL, bus.

#include "services/recording/server/recording_service.h"

#include <catch2/catch.hpp>
#include <memory>
#include <thread>

#include "services/common/audio/wav.h"
#include "services/common/bus/memory_bus.h"
#include "services/common/rpc/rpc_server.h"
#include "services/common/testing/shared_postgres.h"
#include "services/common/testing/temp_dir.h"
#include "services/recording/server/archive_worker.h"
#include "services/recording/server/recording_rig.h"
#include "zvon/events/v1/events.pb.h"

namespace zvon::recording {
namespace {

namespace pb = zvon::recordingservice::v1;
using zvon::events::v1::Event;

std::unique_ptr<Database> Connect(const std::string& dsn) {
  DatabaseSettings settings;
  settings.dsn = dsn;
  settings.schema = "recording";
  settings.statement_timeout = absl::Seconds(3);
  return Database::Make(settings);
}

// All parts but main; `data_dir` may be shared with an earlier one.
class Process {
 public:
  Process(const std::string& data_dir, const std::string& dsn, MemoryBus& bus)
      : spool_(data_dir + "/spool"),
        index_(data_dir),
        publisher_(bus.MakePublisher()),
        database_(Connect(dsn)),
        table_(*database_),
        assembler_({data_dir + "/store"}, spool_, index_, SystemRandom()),
        worker_({"recording-0",
                 ZVON_RECORDING_MIGRATIONS,
                 {},
                 absl::Milliseconds(50),
                 absl::Milliseconds(20)},
                clock_, assembler_, index_, *database_, *publisher_),
        cache_(data_dir + "/cache", 1 << 30),
        service_({spool_, index_, table_, cache_, clock_, data_dir + "/store",
                  [this] { return worker_.database_ready(); }, [this] { worker_.Notify(); }}) {
    REQUIRE(spool_.Load(clock_.Now()).ok());
    worker_.Start();
    auto rpc = RpcServer::Start("127.0.0.1:0", {}, {&service_});
    REQUIRE(rpc.ok());
    rpc_ = *std::move(rpc);
    consumer_ = bus.MakeConsumer("recording", {"zvon.interactions.v1"},
                                 [this](const std::vector<BusEvent>& batch) {
                                   if (!worker_.database_ready()) return absl::UnavailableError("");
                                   int unreadable = 0;
                                   return table_.TakeFacts(batch, &unreadable);
                                 });
    stub =
        pb::RecordingService::NewStub(MakeChannel("127.0.0.1:" + std::to_string(rpc_->port()), {}));
  }
  ~Process() {
    consumer_->Stop();
    rpc_->Stop(absl::ZeroDuration());
  }

  grpc::Status Put(const RigSegment& s, const std::string& sha256 = "") {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    pb::PutSegmentResponse response;
    auto writer = stub->PutSegment(&context, &response);
    pb::PutSegmentRequest request;
    *request.mutable_segment() = s.segment;
    writer->Write(request);
    for (size_t at = 0; at < s.pcm.size(); at += 10'000) {
      request.set_data(s.pcm.substr(at, 10'000));
      writer->Write(request);
    }
    request.set_sha256(sha256.empty() ? s.sha256() : sha256);
    writer->Write(request);
    writer->WritesDone();
    return writer->Finish();
  }
  struct Heard {
    grpc::Status status;
    std::string data;
    int64_t total = 0;
    std::string media_type;
  };
  Heard Read(const std::string& id, const std::string& media_type = "", int64_t offset = 0,
             int64_t length = 0, const std::string& tenant = "demo") {
    grpc::ClientContext context;
    pb::ReadRecordingRequest request;
    request.set_tenant_id(tenant);
    request.set_recording_id(id);
    request.set_user_id("supervisor");
    request.set_offset(offset);
    request.set_length(length);
    request.set_media_type(media_type);
    auto reader = stub->ReadRecording(&context, request);
    Heard heard;
    pb::ReadRecordingResponse response;
    while (reader->Read(&response)) {
      heard.data += response.data();
      if (response.total_bytes() > 0) heard.total = response.total_bytes();
      if (!response.media_type().empty()) heard.media_type = response.media_type();
    }
    heard.status = reader->Finish();
    return heard;
  }
  bool IsStored(const std::string& id) {
    grpc::ClientContext context;
    pb::GetRecordingRequest request;
    request.set_tenant_id("demo");
    request.set_recording_id(id);
    pb::GetRecordingResponse response;
    return stub->GetRecording(&context, request, &response).ok() &&
           response.recording().state() == zvon::recording::v1::Recording::STATE_STORED;
  }
  Database& database() { return *database_; }
  ArchiveWorker& worker() { return worker_; }
  std::unique_ptr<pb::RecordingService::Stub> stub;

 private:
  SteadyClock clock_;
  SegmentSpool spool_;
  RecordingIndex index_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<Database> database_;
  RecordingTable table_;
  Assembler assembler_;
  ArchiveWorker worker_;
  WavCache cache_;
  RecordingServiceImpl service_;
  std::unique_ptr<RpcServer> rpc_;
  std::unique_ptr<Consumer> consumer_;
};

std::vector<Event> Stored(const MemoryBus& bus) {
  std::vector<Event> found;
  for (const BusEvent& bus_event : bus.Events()) {
    Event event;
    if (event.ParseFromString(bus_event.payload) && event.has_recording_stored()) {
      CHECK(bus_event.key == event.interaction_id());
      CHECK(bus_event.topic == "zvon.interactions.v1");
      found.push_back(event);
    }
  }
  return found;
}

RigSegment Last(RigSegment s) {
  s.segment.set_last(true);
  return s;
}

}  // namespace

TEST_CASE("segments go in, a conversation comes out, in ranges and as WAV", "[service]") {
  TempDir dir;
  MemoryBus bus;
  Process process(dir.path(), SharedPostgres().NewDatabase(), bus);
  REQUIRE(process.Put(MakeSegment("rec", 0, {}, absl::Seconds(2))).ok());
  REQUIRE(process.Put(MakeSegment("rec", 0, {}, absl::Seconds(2))).ok());
  REQUIRE(process.Put(Last(MakeSegment("rec", 1, absl::Seconds(2), absl::Seconds(1)))).ok());
  REQUIRE(WaitUntil([&] { return process.IsStored("rec"); }));
  const auto whole = process.Read("rec");
  REQUIRE(whole.status.ok());
  CHECK(whole.media_type == "audio/ogg");
  CHECK(whole.total == static_cast<int64_t>(whole.data.size()));
  CHECK(whole.data.substr(0, 4) == "OggS");
  const auto part = process.Read("rec", "", 100, 50);
  CHECK(part.data == whole.data.substr(100, 50));
  CHECK(part.total == whole.total);
  const auto wav = process.Read("rec", "audio/wav");
  const auto audio = ParseWav(wav.data);
  REQUIRE(audio.ok());
  REQUIRE(audio->frames() == 24000);
  CHECK(ToneShare(Part(audio->samples, 0, 100, 2800), 440, 8000) > 0.9);
  CHECK(ToneShare(Part(audio->samples, 1, 100, 2800), 1000, 8000) > 0.9);
  const auto wav_part = process.Read("rec", "audio/wav", 44, 1000);
  CHECK(wav_part.data == wav.data.substr(44, 1000));
  const auto events = Stored(bus);
  REQUIRE(events.size() == 1);
  CHECK(events[0].interaction_id() == "interaction-rec");
  CHECK(FromProto(events[0].recording_stored().length()) == absl::Seconds(3));
  // Two of the four reads began at 0.
  const auto listens = process.database().Run("SELECT user_id FROM listens");
  REQUIRE(listens.ok());
  CHECK(listens->rows.size() == 2);
  CHECK(listens->rows[0].Text(0) == "supervisor");
  // A segment again, long after: the sender never got the answer.
  CHECK(process.Put(MakeSegment("rec", 0, {}, absl::Seconds(2))).ok());
  CHECK(process.Put(MakeSegment("rec", 0, {}, absl::Seconds(2), 500)).error_code() ==
        grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_CASE("what cannot be read says why", "[service]") {
  TempDir dir;
  MemoryBus bus;
  Process process(dir.path(), SharedPostgres().NewDatabase(), bus);
  REQUIRE(process.Put(Last(MakeSegment("rec", 0, {}, absl::Seconds(1)))).ok());
  REQUIRE(WaitUntil([&] { return process.IsStored("rec"); }));
  CHECK(process.Read("none").status.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(process.Read("rec", "", 0, 0, "other").status.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(process.Read("rec", "", 1'000'000'000).status.error_code() ==
        grpc::StatusCode::OUT_OF_RANGE);
  CHECK(process.Read("rec", "audio/mpeg").status.error_code() ==
        grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(process.Put(MakeSegment("x", 0, {}, absl::Seconds(1)), "bad").error_code() ==
        grpc::StatusCode::ABORTED);
}

TEST_CASE("with PostgreSQL down sound is taken and stored, rows follow", "[service]") {
  TempDir dir;
  MemoryBus bus;
  TestPostgres postgres;
  postgres.Kill();
  {
    Process process(dir.path(), postgres.dsn(), bus);
    REQUIRE(process.Put(Last(MakeSegment("rec", 0, {}, absl::Seconds(1)))).ok());
    REQUIRE(WaitUntil([&] { return Stored(bus).size() == 1; }));
    CHECK(process.Read("rec").status.error_code() == grpc::StatusCode::UNAVAILABLE);
  }
  // Even a restart in between.
  Process process(dir.path(), postgres.dsn(), bus);
  REQUIRE(process.Put(Last(MakeSegment("rec2", 0, {}, absl::Seconds(1)))).ok());
  postgres.Restart();
  REQUIRE(WaitUntil([&] { return process.IsStored("rec") && process.IsStored("rec2"); },
                    absl::Seconds(30)));
  CHECK(process.Read("rec").status.ok());
  REQUIRE(WaitUntil([&] { return process.worker().counts().pending == 0; }));
  // Told twice at most by the restart, under one id.
  std::set<std::string> ids;
  for (const Event& event : Stored(bus)) ids.insert(event.event_id());
  CHECK(ids.size() == 2);
}

TEST_CASE("a talk without its sound is told, and no longer when it comes", "[service]") {
  TempDir dir;
  MemoryBus bus;
  Process process(dir.path(), SharedPostgres().NewDatabase(), bus);
  auto publisher = bus.MakePublisher();
  Event event;
  event.set_event_id("e1");
  event.set_tenant_id("demo");
  event.set_interaction_id("interaction-rec");
  Set(absl::Now() - absl::Hours(1), event.mutable_occur_time());
  event.mutable_recording_ended()->set_recording_id("rec");
  Set(absl::Seconds(1), event.mutable_recording_ended()->mutable_talked());
  BusEvent bus_event;
  bus_event.topic = "zvon.interactions.v1";
  bus_event.key = event.interaction_id();
  bus_event.id = event.event_id();
  bus_event.payload = event.SerializeAsString();
  REQUIRE(publisher->Publish(bus_event).ok());
  auto missing = [&bus] {
    std::vector<Event> found;
    for (const BusEvent& e : bus.Events()) {
      Event parsed;
      if (parsed.ParseFromString(e.payload) && parsed.has_recording_missing())
        found.push_back(parsed);
    }
    return found;
  };
  REQUIRE(WaitUntil([&] { return missing().size() == 1; }));
  CHECK(missing()[0].recording_missing().recording_id() == "rec");
  CHECK(FromProto(missing()[0].recording_missing().missing()) == absl::Seconds(1));
  REQUIRE(WaitUntil([&] { return process.worker().counts().missing == 1; }));
  REQUIRE(process.Put(Last(MakeSegment("rec", 0, {}, absl::Seconds(1)))).ok());
  REQUIRE(WaitUntil([&] { return process.worker().counts().missing == 0; }));
  CHECK(process.IsStored("rec"));
  CHECK(missing().size() == 1);
}

}  // namespace zvon::recording
