#include "services/signaling/digest/digest.h"

#include <catch2/catch.hpp>

#include "services/signaling/digest/hash.h"
#include "services/signaling/sip/parse.h"

namespace zvon::sip {
namespace {

using Verdict = DigestServer::Verdict;
const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);
constexpr std::string_view kUri = "sip:zvon";

Message Read(const std::string& text) {
  const ParseResult parsed = Parse(text);
  INFO(text << parsed.reason);
  REQUIRE(parsed.code == 0);
  return parsed.message;
}

std::string Head(const std::string& cseq) {
  return "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:101@zvon>;tag=1\r\nTo: "
         "<sip:101@zvon>\r\nCall-ID: x\r\n"
         "CSeq: " +
         cseq + "\r\n";
}
Message Register(const std::string& headers) {
  return Read("REGISTER sip:zvon SIP/2.0\r\n" + Head("1 REGISTER") + headers + "\r\n");
}
Message Challenge(const std::string& headers) {
  return Read("SIP/2.0 401 Unauthorized\r\n" + Head("1 REGISTER") + headers + "\r\n");
}

DigestServer MakeServer(uint64_t seed = 1, std::string secret = "0123456789abcdef") {
  return DigestServer({.realm = "zvon", .secret = std::move(secret)}, SeededRandom(seed));
}

Credentials Stored(const std::string& password = "zvon-demo-101") {
  return {Ha1(DigestAlgorithm::kMd5, "101", "zvon", password),
          Ha1(DigestAlgorithm::kSha256, "101", "zvon", password)};
}

ClientAccount Account(std::string user, std::string realm, const std::string& password) {
  ClientAccount account{user, {}, realm};
  account.secrets.ha1_md5 = Ha1(DigestAlgorithm::kMd5, user, realm, password);
  account.secrets.ha1_sha256 = Ha1(DigestAlgorithm::kSha256, user, realm, password);
  return account;
}

// A challenge of `server` and the answer of a phone to it.
std::string Answer(const DigestServer& server, absl::Time now, uint32_t count = 1,
                   const std::string& password = "zvon-demo-101") {
  HeaderBlock challenge;
  server.AddChallenge(challenge, false, false, now);
  const auto answer = AnswerChallenge(Challenge(challenge.text()), "REGISTER", kUri,
                                      Account("101", "zvon", password), count, SeededRandom(count));
  REQUIRE(answer);
  return answer->text();
}

TEST_CASE("Hashes are right") {
  CHECK(Md5Hex("") == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(Sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(HmacSha256Hex("key", "The quick brown fox jumps over the lazy dog") ==
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
}

TEST_CASE("The examples of RFC 7616 section 3.9.1 come out") {
  const DigestInput input{DigestAlgorithm::kMd5,
                          "",
                          "GET",
                          "/dir/index.html",
                          "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                          "00000001",
                          "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                          "auth"};
  for (auto [algorithm, expected] :
       {std::pair(DigestAlgorithm::kMd5, "8ca523f5e9506fed4657c9700eebdbec"),
        std::pair(DigestAlgorithm::kSha256,
                  "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")}) {
    DigestInput one = input;
    one.algorithm = algorithm;
    const std::string ha1 = Ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
    one.ha1 = ha1;
    CHECK(DigestResponse(one) == expected);
  }
}

TEST_CASE("The challenge offers SHA-256 first, then MD5, with one nonce") {
  HeaderBlock headers;
  MakeServer().AddChallenge(headers, false, true, kStart);
  const Message m = Challenge(headers.text());
  const auto challenges = m.challenges();
  REQUIRE(challenges.size() == 2);
  CHECK(challenges[0].Param("algorithm") == "SHA-256");
  CHECK(challenges[1].Param("algorithm") == "MD5");
  CHECK(challenges[0].Param("nonce") == challenges[1].Param("nonce"));
  CHECK(challenges[0].Param("stale") == "true");
}

TEST_CASE("The right password is accepted, once") {
  DigestServer server = MakeServer();
  const Message m = Register(Answer(server, kStart));
  CHECK(server.WhoClaims(m, false)->username == "101");
  CHECK(m.Header("Authorization").find("SHA-256") != std::string_view::npos);
  CHECK(server.Check(m, false, Stored(), kStart) == Verdict::kAccepted);
  CHECK(server.Check(m, false, Stored(), kStart) == Verdict::kStale);  // Replayed.
}

TEST_CASE("MD5 is accepted where it is offered") {
  DigestServer server = MakeServer();
  HeaderBlock challenge;
  server.AddChallenge(challenge, false, false, kStart);
  const std::string md5_only = challenge.text().substr(challenge.text().find("\r\n") + 2);
  const auto answer = AnswerChallenge(Challenge(md5_only), "REGISTER", kUri,
                                      Account("101", "zvon", "zvon-demo-101"), 1, SeededRandom(1));
  REQUIRE(answer);
  CHECK(server.Check(Register(answer->text()), false, Stored(), kStart) == Verdict::kAccepted);
  DigestServer strict({.realm = "zvon", .secret = "0123456789abcdef", .offer_md5 = false},
                      SeededRandom(1));
  CHECK(strict.Check(Register(answer->text()), false, Stored(), kStart) == Verdict::kWrong);
}

TEST_CASE("Another replica with the same secret checks the nonce; a stranger's is stale") {
  DigestServer first = MakeServer(1), second = MakeServer(2),
               other = MakeServer(3, "another secret of us");
  const Message m = Register(Answer(first, kStart));
  CHECK(second.Check(m, false, Stored(), kStart) == Verdict::kAccepted);
  CHECK(other.Check(m, false, Stored(), kStart) == Verdict::kStale);
}

TEST_CASE("Wrong passwords, unknown users and old nonces are told apart") {
  DigestServer server = MakeServer();
  CHECK(server.Check(Register(Answer(server, kStart, 1, "guess")), false, Stored(), kStart) ==
        Verdict::kWrong);
  CHECK(server.Check(Register(Answer(server, kStart)), false, {}, kStart) == Verdict::kWrong);
  CHECK(server.Check(Register(Answer(server, kStart)), false, Stored(),
                     kStart + absl::Minutes(6)) == Verdict::kStale);
  CHECK(server.Check(Register(Answer(server, kStart, 1, "guess")), false, Stored(),
                     kStart + absl::Minutes(6)) == Verdict::kWrong);
  CHECK(server.Check(Register(""), false, Stored(), kStart) == Verdict::kNoCredentials);
  CHECK(server.Check(Register("Authorization: Digest realm=\"zvon\", username=\"101\"\r\n"), false,
                     Stored(), kStart) == Verdict::kMalformed);
  CHECK(server.Check(Register("Authorization: Basic abc\r\n"), false, Stored(), kStart) ==
        Verdict::kNoCredentials);
}

TEST_CASE("A response for another address or method is worth nothing") {
  DigestServer server = MakeServer();
  const std::string answer = Answer(server, kStart);
  const Message invite =
      Read("INVITE sip:1000@zvon SIP/2.0\r\n" + Head("1 INVITE") + answer + "\r\n");
  CHECK(server.Check(invite, false, Stored(), kStart) == Verdict::kWrong);
  const Message elsewhere =
      Read("REGISTER sip:other SIP/2.0\r\n" + Head("1 REGISTER") + answer + "\r\n");
  CHECK(server.Check(elsewhere, false, Stored(), kStart) == Verdict::kWrong);
}

TEST_CASE("Counts may come out of order, none twice") {
  DigestServer server = MakeServer();
  HeaderBlock challenge;
  server.AddChallenge(challenge, false, false, kStart);
  const auto check = [&](uint32_t count) {
    const auto answer =
        AnswerChallenge(Challenge(challenge.text()), "REGISTER", kUri,
                        Account("101", "zvon", "zvon-demo-101"), count, SeededRandom(9));
    return server.Check(Register(answer->text()), false, Stored(), kStart);
  };
  CHECK(check(2) == Verdict::kAccepted);
  CHECK(check(1) == Verdict::kAccepted);
  CHECK(check(1) == Verdict::kStale);
  CHECK(check(100) == Verdict::kAccepted);
  CHECK(check(3) == Verdict::kStale);  // Behind the window.
  CHECK(check(0) == Verdict::kStale);
}

TEST_CASE("A client answers only its realm, by the strongest algorithm, for a proxy too") {
  const Message both = Challenge(
      "Proxy-Authenticate: Digest realm=\"a\", nonce=\"1\"\r\n"
      "WWW-Authenticate: Digest realm=\"b\", nonce=\"2\", algorithm=SHA-512-256\r\n"
      "WWW-Authenticate: Digest realm=\"b\", nonce=\"2\", qop=\"auth-int,auth\", opaque=\"o\"\r\n");
  const auto a =
      AnswerChallenge(both, "INVITE", "sip:x", Account("u", "a", "p"), 1, SeededRandom(1));
  REQUIRE(a);
  CHECK(a->text().substr(0, 20) == "Proxy-Authorization:");
  CHECK(a->text().find("qop") == std::string::npos);
  const auto b =
      AnswerChallenge(both, "INVITE", "sip:x", Account("u\"", "b", "p"), 1, SeededRandom(1));
  REQUIRE(b);
  CHECK(b->text().find("username=\"u\\\"\"") != std::string::npos);
  CHECK(b->text().find("nc=00000001") != std::string::npos);
  CHECK(b->text().find("opaque=\"o\"") != std::string::npos);
  CHECK_FALSE(AnswerChallenge(both, "INVITE", "sip:x", Account("u", "c", "p"), 1, SeededRandom(1))
                  .has_value());
  // Without a secret for the algorithm there is nothing to answer with.
  ClientAccount sha_only = Account("u", "b", "p");
  sha_only.secrets.ha1_md5.clear();
  CHECK_FALSE(AnswerChallenge(both, "INVITE", "sip:x", sha_only, 1, SeededRandom(1)).has_value());
}

}  // namespace
}  // namespace zvon::sip
