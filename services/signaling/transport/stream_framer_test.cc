#include "services/signaling/transport/stream_framer.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace zvon::sip {
namespace {

struct Fed {
  StreamFramer framer;
  std::vector<std::string> messages, broken;
  int pings = 0;
  StreamFramer::Error Feed(std::string_view bytes) {
    return framer.Feed(
        bytes, {[this](std::string_view m) { messages.emplace_back(m); }, [this] { ++pings; },
                [this](std::string_view h) { broken.emplace_back(h); }});
  }
};

const std::string kOne = "OPTIONS sip:a SIP/2.0\r\nContent-Length: 5\r\n\r\nhello";
const std::string kTwo = "BYE sip:a SIP/2.0\r\nl : 0\r\n\r\n";

TEST_CASE("Messages are cut wherever the reads fall") {
  const std::string stream = "\r\n" + kOne + "\r\n\r\n" + kTwo + kTwo + kOne;
  for (size_t step = 1; step < stream.size(); ++step) {
    Fed fed;
    for (size_t at = 0; at < stream.size(); at += step) {
      REQUIRE(fed.Feed(std::string_view(stream).substr(at, step)) == StreamFramer::Error::kNone);
    }
    INFO("step " << step);
    CHECK(fed.messages == std::vector<std::string>{kOne, kTwo, kTwo, kOne});
    CHECK(fed.pings == 1);
    CHECK(fed.framer.pending() == 0);
  }
}

TEST_CASE("A body may hold what looks like the end of a head") {
  const std::string tricky = "INFO sip:a SIP/2.0\r\nContent-Length:\r\n 8\r\n\r\n\r\n\r\nabcd";
  Fed fed;
  fed.Feed(tricky + kTwo);
  CHECK(fed.messages == std::vector<std::string>{tricky, kTwo});
}

TEST_CASE("Framing is given up where it is lost") {
  Fed none;
  CHECK(none.Feed("BYE sip:a SIP/2.0\r\nVia: x\r\n\r\n") == StreamFramer::Error::kNoContentLength);
  CHECK(none.broken.size() == 1);
  CHECK(none.Feed(kOne) == StreamFramer::Error::kNoContentLength);
  CHECK(none.messages.empty());
  for (const char* bad : {"-1", "5\r\nl: 5", "x", "", "99999999999"}) {
    Fed fed;
    CHECK(fed.Feed("BYE sip:a SIP/2.0\r\nContent-Length: " + std::string(bad) + "\r\n\r\n") ==
          StreamFramer::Error::kBadContentLength);
  }
  Fed large;
  CHECK(large.Feed("BYE sip:a SIP/2.0\r\nContent-Length: 70000\r\n\r\n") ==
        StreamFramer::Error::kBodyTooLong);
  Fed endless;
  StreamFramer::Error error = StreamFramer::Error::kNone;
  for (int i = 0; i < 100 && error == StreamFramer::Error::kNone; ++i)
    error = endless.Feed(std::string(1000, 'a'));
  CHECK(error == StreamFramer::Error::kHeadTooLong);
}

}  // namespace
}  // namespace zvon::sip
