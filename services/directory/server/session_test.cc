// Log-ins, tokens and what they are good for.

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/directory/server/testing/bench.h"

namespace zvon::directory {
namespace {

using grpc::StatusCode;

grpc::Status LogIn(Bench& bench, const std::string& login, const std::string& password,
                   rpc::CreateSessionResponse* response, const std::string& tenant = "acme",
                   const std::string& address = "10.0.0.1") {
  rpc::CreateSessionRequest request;
  request.set_tenant_id(tenant);
  request.set_login(login);
  request.set_password(password);
  request.set_client_address(address);
  return bench.Call(&Stub::CreateSession, request, response);
}

StatusCode TryLogIn(Bench& bench, const std::string& login, const std::string& password,
                    const std::string& tenant = "acme", const std::string& address = "10.0.0.1") {
  rpc::CreateSessionResponse response;
  return LogIn(bench, login, password, &response, tenant, address).error_code();
}

StatusCode Verify(Bench& bench, const std::string& token, Stub* stub = nullptr) {
  rpc::VerifySessionRequest request;
  request.set_token(token);
  rpc::VerifySessionResponse response;
  return bench.Call(&Stub::VerifySession, request, &response, stub).error_code();
}

// Tenant acme with the agent anna.
void MakeAnna(Bench& bench) {
  bench.MakeTenant("acme");
  Resource anna = User("acme", "anna", "Anna.I");
  anna.mutable_user()->set_password("anna-password");
  anna.mutable_user()->set_internal_number("101");
  bench.Create(anna);
}

TEST_CASE("A log-in gives a token, and the token the user with its rights") {
  Bench bench;
  MakeAnna(bench);
  rpc::CreateSessionResponse session;
  REQUIRE(LogIn(bench, "Anna.I", "anna-password", &session).ok());
  CHECK(session.token().size() >= 43);  // 256 bits.
  rpc::VerifySessionRequest request;
  request.set_token(session.token());
  rpc::VerifySessionResponse verified;
  REQUIRE(bench.Call(&Stub::VerifySession, request, &verified).ok());
  const rpc::SessionUser& user = verified.user();
  CHECK(user.tenant_id() == "acme");
  CHECK(user.user_id() == "anna");
  CHECK(user.internal_number() == "101");
  CHECK(user.language() == "ru");
  CHECK(user.role_ids(0) == "agent");
  CHECK(std::vector<std::string>(user.permissions().begin(), user.permissions().end()) ==
        std::vector<std::string>{"calls.handle", "interactions.read.own", "recordings.listen.own"});
  auto stored = bench.database().Run("SELECT s::text FROM directory.sessions s");
  REQUIRE(stored.ok());
  CHECK(stored->rows.at(0).Text(0).find(session.token()) == std::string::npos);
  rpc::DeleteSessionRequest end;
  end.set_token(session.token());
  rpc::DeleteSessionResponse ended;
  REQUIRE(bench.Call(&Stub::DeleteSession, end, &ended).ok());
  CHECK(Verify(bench, session.token()) == StatusCode::UNAUTHENTICATED);
  CHECK(Verify(bench, "guess") == StatusCode::UNAUTHENTICATED);
  CHECK(Verify(bench, "") == StatusCode::UNAUTHENTICATED);
}

TEST_CASE("Whatever is wrong with a log-in, the answer is the same") {
  Bench bench;
  MakeAnna(bench);
  bench.Create(User("acme", "nopass", "nopass"));
  rpc::CreateSessionResponse response;
  const std::string expected = LogIn(bench, "Anna.I", "wrong-password", &response).error_message();
  for (auto [tenant, login, password] : {std::tuple{"acme", "nobody", "anna-password"},
                                         {"nowhere", "Anna.I", "anna-password"},
                                         {"acme", "nopass", ""},
                                         {"acme", "anna.i", "anna-password"},
                                         {"acme", "", ""}}) {
    CAPTURE(tenant, login);
    grpc::Status status = LogIn(bench, login, password, &response, tenant);
    CHECK(status.error_code() == StatusCode::UNAUTHENTICATED);
    CHECK(status.error_message() == expected);
  }
  CHECK(TryLogIn(bench, std::string(10'000, 'x'), "anna-password") == StatusCode::UNAUTHENTICATED);
  CHECK(TryLogIn(bench, std::string("a\0b", 3), "anna-password") == StatusCode::UNAUTHENTICATED);
}

TEST_CASE("Ten failures lock a login from one address for a minute, real or not") {
  Bench bench;
  MakeAnna(bench);
  for (const char* login : {"Anna.I", "nobody"}) {
    CAPTURE(login);
    for (int i = 0; i < 10; ++i)
      REQUIRE(TryLogIn(bench, login, "guess") == StatusCode::UNAUTHENTICATED);
    CHECK(TryLogIn(bench, login, "guess") == StatusCode::RESOURCE_EXHAUSTED);
  }
  CHECK(TryLogIn(bench, "Anna.I", "anna-password") == StatusCode::RESOURCE_EXHAUSTED);
  CHECK(TryLogIn(bench, "Anna.I", "anna-password", "acme", "10.0.0.2") == StatusCode::OK);
  bench.clock().Advance(absl::Seconds(61));
  CHECK(TryLogIn(bench, "Anna.I", "anna-password") == StatusCode::OK);
  for (int i = 0; i < 9; ++i)
    REQUIRE(TryLogIn(bench, "Anna.I", "guess") == StatusCode::UNAUTHENTICATED);
  CHECK(TryLogIn(bench, "Anna.I", "anna-password") == StatusCode::OK);  // Forgets the nine.
  CHECK(TryLogIn(bench, "Anna.I", "guess") == StatusCode::UNAUTHENTICATED);
  CHECK(TryLogIn(bench, "Anna.I", "anna-password") == StatusCode::OK);
}

TEST_CASE("Sessions end after twelve hours, with the password, and with the user") {
  Bench bench;
  MakeAnna(bench);
  auto token = [&](const std::string& password) {
    rpc::CreateSessionResponse session;
    REQUIRE(LogIn(bench, "Anna.I", password, &session).ok());
    return session.token();
  };
  const std::string first = token("anna-password");
  bench.clock().Advance(absl::Hours(12) - absl::Seconds(1));
  CHECK(Verify(bench, first) == StatusCode::OK);
  bench.clock().Advance(absl::Seconds(2));
  CHECK(Verify(bench, first) == StatusCode::UNAUTHENTICATED);
  const std::string second = token("anna-password");
  Resource anna = bench.Get("tenants/acme/users/anna");
  anna.mutable_user()->set_password("other-password");
  bench.Update(anna);
  CHECK(WaitUntil([&] { return Verify(bench, second) == StatusCode::UNAUTHENTICATED; }));
  CHECK(TryLogIn(bench, "Anna.I", "anna-password") == StatusCode::UNAUTHENTICATED);
  const std::string third = token("other-password");
  anna.mutable_user()->set_disabled(true);
  anna.clear_etag();
  bench.Update(anna);
  CHECK(Verify(bench, third) == StatusCode::UNAUTHENTICATED);
  CHECK(TryLogIn(bench, "Anna.I", "other-password") == StatusCode::UNAUTHENTICATED);
}

TEST_CASE("A log-out on one replica is known at the other") {
  Bench bench;
  MakeAnna(bench);
  auto second = bench.StartReplica();
  auto stub = ConnectTo(second->port());
  rpc::CreateSessionResponse session;
  REQUIRE(LogIn(bench, "Anna.I", "anna-password", &session).ok());
  REQUIRE(Verify(bench, session.token(), stub.get()) == StatusCode::OK);
  rpc::DeleteSessionRequest end;
  end.set_token(session.token());
  rpc::DeleteSessionResponse ended;
  REQUIRE(bench.Call(&Stub::DeleteSession, end, &ended).ok());
  CHECK(WaitUntil(
      [&] { return Verify(bench, session.token(), stub.get()) == StatusCode::UNAUTHENTICATED; }));
}

TEST_CASE("Users of a demo tenant are refused outside demo mode") {
  Bench bench;
  bench.MakeTenant("show", /*demo=*/true);
  Resource user = User("show", "agent1", "agent1");
  user.mutable_user()->set_password("zvon-demo");
  bench.Create(user);
  CHECK(TryLogIn(bench, "agent1", "zvon-demo", "show") == StatusCode::UNAUTHENTICATED);
}

TEST_CASE("The demo tenant is loaded whole, and again without a change") {
  Bench bench(/*demo=*/true);
  const int64_t revision = bench.replica().revision();
  CHECK(bench.List("tenants/demo/users").size() == 8);
  CHECK(bench.List("tenants/demo/endpoints").size() == 6);
  CHECK(bench.List("tenants/demo/numbers").size() == 5);
  CHECK(bench.Get("tenants/demo/reasons/missed").not_ready_reason().system());
  CHECK(bench.Get("tenants/demo/reasons/break").not_ready_reason().display_names().at("ru") ==
        "Перерыв");
  CHECK(TryLogIn(bench, "agent1", "zvon-demo", "demo") == StatusCode::OK);
  CHECK(bench.Revisions("demo", "tenants/demo/queues/sales").at(0).author() == "system");
  auto again = bench.StartReplica();
  CHECK(again->revision() == revision);
  CHECK(TryLogIn(bench, "agent1", "zvon-demo", "demo") == StatusCode::OK);
}

TEST_CASE("Every change goes to the compacted topic once, tombstones too") {
  Bench bench;
  auto second = bench.StartReplica();
  bench.MakeTenant("acme");
  bench.Create(Queue("acme", "sales"));
  REQUIRE(bench.Delete("tenants/acme/queues/sales").ok());
  REQUIRE(WaitUntil([&] { return bench.bus().Events().size() >= 6; }));
  const auto events = bench.bus().Events();
  REQUIRE(events.size() == 6);
  CHECK(events[4].topic == "zvon.directory.v1");
  CHECK(events[4].key == "tenants/acme/queues/sales");
  CHECK(events[4].tenant_id == "acme");
  v1::ResourceChange change;
  REQUIRE(change.ParseFromString(events[4].payload));
  CHECK(change.resource().queue().display_name() == "Queue sales");
  CHECK(events[5].key == "tenants/acme/queues/sales");
  CHECK(events[5].payload.empty());
  CHECK(WaitUntil([&] {
    auto left = bench.database().Run("SELECT count(*) FROM directory.outbox");
    return left.ok() && left->rows[0].Int(0) == 0;
  }));
}

}  // namespace
}  // namespace zvon::directory
