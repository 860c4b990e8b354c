#pragma once
// Messages for the tests of dialogs.

#include <catch2/catch.hpp>
#include <string>

#include "services/signaling/sip/parse.h"

namespace zvon::sip {

inline Message Read(const std::string& text) {
  const ParseResult parsed = Parse(text);
  INFO(text << "\n" << parsed.reason);
  REQUIRE(parsed.code == 0);
  return parsed.message;
}

// A request of the peer; `more`: whole lines.
inline Message PeerRequest(const std::string& method, int cseq, const std::string& more = "",
                           const std::string& to_tag = "") {
  return Read(method + " sip:1000@zvon SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1\r\n" +
              "From: \"Anna\" <sip:anna@example.com>;tag=theirs\r\nTo: <sip:1000@zvon>" +
              (to_tag.empty() ? "" : ";tag=" + to_tag) + "\r\nCall-ID: c1\r\nCSeq: " +
              std::to_string(cseq) + " " + method + "\r\n" + more + "\r\n");
}

// The peer's response to a request of ours.
inline Message PeerResponse(int code, const std::string& cseq, const std::string& more = "",
                            const std::string& to_tag = "theirs") {
  return Read("SIP/2.0 " + std::to_string(code) +
              " X\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n" +
              "From: <sip:1000@zvon>;tag=ours\r\nTo: <sip:101@zvon>" +
              (to_tag.empty() ? "" : ";tag=" + to_tag) + "\r\nCall-ID: c2\r\nCSeq: " + cseq +
              "\r\n" + more + "\r\n");
}

}  // namespace zvon::sip
