#include "services/common/settings/settings.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>

namespace zvon {
namespace {

struct Sample {
  std::string listen = "0.0.0.0:9103";
  absl::Duration lease = absl::Seconds(1);
  int64_t workers = 2;
  double share = 0.5;
  bool demo = false;
  std::vector<std::string> peers;
  std::string password;
  SettingsReader reader{"sample", "For tests."};

  Sample() {
    reader.Bind("grpc.listen", &listen, "Address");
    reader.Bind("lease.length", &lease, "Lease");
    reader.Bind("workers", &workers, "Threads", 1, 64);
    reader.Bind("share", &share, "Share", 0, 1);
    reader.Bind("demo", &demo, "Demo mode");
    reader.Bind("routing.addresses", &peers, "Peers");
    reader.BindSecret("redis.password", &password, "Password");
  }
  std::string Error(std::vector<std::string> args, std::vector<std::string> env = {}) {
    return std::string(reader.Read(args, env).message());
  }
};

class TempFile {
 public:
  explicit TempFile(const std::string& text) {
    char name[] = "/tmp/zvon-settings-XXXXXX";
    close(mkstemp(name));
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~TempFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("flags beat the environment, which beats the file, which beats defaults") {
  TempFile file("grpc: {listen: file:1}\nlease:\n  length: 2s\nworkers: 3\n"
                "routing:\n  addresses: [a:1, b:2]\n");
  Sample s;
  REQUIRE(s.reader.Read({"--config", file.path(), "--workers=9"},
                        {"ZVON_WORKERS=5", "ZVON_LEASE_LENGTH=250ms", "HOME=/"})
              .ok());
  CHECK(s.listen == "file:1");
  CHECK(s.lease == absl::Milliseconds(250));
  CHECK(s.workers == 9);
  CHECK(s.peers == std::vector<std::string>{"a:1", "b:2"});
  CHECK_THAT(s.reader.Describe(), Catch::Contains("workers=9 (from --workers)") &&
                                      Catch::Contains("lease.length=250ms (from ZVON_LEASE_LENGTH)") &&
                                      Catch::Contains("demo=false (from default)"));
}

TEST_CASE("flags come with = or as the next word, a switch alone is true") {
  Sample s;
  REQUIRE(s.reader.Read({"--grpc.listen", "x:1", "--demo", "--routing.addresses=a, b"}, {}).ok());
  CHECK(s.listen == "x:1");
  CHECK(s.demo);
  CHECK(s.peers == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a wrong setting is named with its place and what was expected") {
  CHECK(Sample().Error({"--workers=many"}) ==
        "--workers: workers: \"many\": expected a whole number from 1 to 64");
  CHECK(Sample().Error({"--workers=65"}) ==
        "--workers: workers: \"65\": expected a whole number from 1 to 64");
  CHECK(Sample().Error({"--share=nan"}) == "--share: share: \"nan\": expected a number from 0 to 1");
  CHECK(Sample().Error({}, {"ZVON_DEMO=maybe"}) ==
        "ZVON_DEMO: demo: \"maybe\": expected true or false");
  CHECK(Sample().Error({"--lease.length=5"}) ==
        "--lease.length: lease.length: \"5\": expected a duration such as 250ms, 1.5s or 2h");
  CHECK(Sample().Error({"oops"}) == "\"oops\": expected --key=value");
}

TEST_CASE("an unknown setting is an error that suggests the nearest") {
  CHECK(Sample().Error({"--lease.lenght=1s"}) ==
        "--lease.lenght: unknown setting \"lease.lenght\"; did you mean \"lease.length\"?");
  CHECK(Sample().Error({"--zzzzzzzzzzzz=1"}) ==
        "--zzzzzzzzzzzz: unknown setting \"zzzzzzzzzzzz\"; --help lists all settings");
  TempFile file("workers: 3\ngrpc:\n  lissen: x\n");
  CHECK_THAT(Sample().Error({"--config=" + file.path()}),
             Catch::Contains(":3: unknown setting \"grpc.lissen\"; did you mean \"grpc.listen\"?"));
}

TEST_CASE("an unknown variable is another service's unless strictness is asked for") {
  CHECK(Sample().Error({}, {"ZVON_SIP_LISTEN=x"}).empty());
  CHECK_THAT(Sample().Error({}, {"ZVON_WORKER=1", "ZVON_STRICT_ENV=1"}),
             Catch::Contains("unknown setting \"ZVON_WORKER\"; did you mean \"ZVON_WORKERS\"?"));
}

TEST_CASE("a broken file is told with its line") {
  TempFile broken("workers: [1\nb: {");
  CHECK_THAT(Sample().Error({"--config=" + broken.path()}), Catch::Contains(broken.path() + ":"));
  CHECK_THAT(Sample().Error({"--config=/nowhere.yaml"}), Catch::Contains("cannot read /nowhere.yaml"));
  TempFile text("just words");
  CHECK_THAT(Sample().Error({"--config=" + text.path()}), Catch::Contains("expected `key: value`"));
  TempFile empty("");
  CHECK(Sample().Error({"--config=" + empty.path()}).empty());
}

TEST_CASE("a secret is read from a file and never shown") {
  TempFile file("hush\n");
  Sample s;
  REQUIRE(s.reader.Read({"--redis.password_file=" + file.path()}, {}).ok());
  CHECK(s.password == "hush");
  CHECK_THAT(s.reader.Describe(), !Catch::Contains("hush") && Catch::Contains("redis.password=***"));
}

}  // namespace zvon
