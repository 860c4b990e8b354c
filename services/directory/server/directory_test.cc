// The directory over its real port, on a real PostgreSQL.

#include <catch2/catch.hpp>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/directory/server/testing/bench.h"

namespace zvon::directory {
namespace {

using grpc::StatusCode;

TEST_CASE("A record is created, read, listed, updated and deleted") {
  Bench bench;
  bench.MakeTenant("acme");
  auto created = bench.Create(Queue("acme", "sales"));
  CHECK(created.revision() == 5);  // The tenant, three roles, the queue.
  CHECK(created.etag() == "r5");
  CHECK(bench.Get("tenants/acme/queues/sales").SerializeAsString() == created.SerializeAsString());
  CHECK(bench.List("tenants/acme/queues").size() == 1);
  created.mutable_queue()->set_priority(7);
  auto updated = bench.Update(created);
  CHECK(updated.queue().priority() == 7);
  CHECK(updated.revision() == 6);
  CHECK(bench.Delete("tenants/acme/queues/sales").ok());
  CHECK(bench.TryGet("tenants/acme/queues/sales").error_code() == StatusCode::NOT_FOUND);
  CHECK(bench.Delete("tenants/acme/queues/sales").error_code() == StatusCode::NOT_FOUND);
  CHECK(bench.Create(Queue("acme", "sales")).revision() == 8);
}

TEST_CASE("A tenant comes with its roles and goes with them only") {
  Bench bench;
  bench.MakeTenant("acme");
  CHECK(bench.List("tenants/acme/roles").size() == 3);
  CHECK(bench.Get("tenants/acme/roles/admin").role().permissions(0) == "*");
  CHECK(bench.Delete("tenants/acme/roles/agent").error_code() == StatusCode::FAILED_PRECONDITION);
  bench.Create(Queue("acme", "sales"));
  CHECK(bench.Delete("tenants/acme").error_code() == StatusCode::FAILED_PRECONDITION);
  REQUIRE(bench.Delete("tenants/acme/queues/sales").ok());
  REQUIRE(bench.Delete("tenants/acme").ok());
  CHECK(bench.List("tenants").empty());
  CHECK(bench.List("tenants/acme/roles").empty());
}

TEST_CASE("A stale etag is refused, a mask changes only its fields") {
  Bench bench;
  bench.MakeTenant("acme");
  Resource stale = bench.Create(Queue("acme", "sales"));
  Resource fresh = stale;
  fresh.mutable_queue()->set_priority(1);
  fresh = bench.Update(fresh);
  CHECK(bench.TryUpdate(stale).error_code() == StatusCode::ABORTED);
  CHECK(bench.Delete(stale.name(), stale.etag()).error_code() == StatusCode::ABORTED);
  Resource change;
  change.set_name(stale.name());
  change.mutable_queue()->set_priority(2);
  change.mutable_queue()->set_display_name("ignored");
  Resource updated = bench.Update(change, {"priority"});
  CHECK(updated.queue().priority() == 2);
  CHECK(updated.queue().display_name() == "Queue sales");
  CHECK(bench.TryUpdate(change, {"colour"}).error_code() == StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("An update that changes nothing makes no revision") {
  Bench bench;
  bench.MakeTenant("acme");
  Resource queue = bench.Create(Queue("acme", "sales"));
  CHECK(bench.Update(queue).revision() == queue.revision());
}

TEST_CASE("A repeated request gets the first answer, its id nothing else") {
  Bench bench;
  bench.MakeTenant("acme");
  rpc::CreateResourceRequest request;
  *request.mutable_resource() = Queue("acme", "sales");
  request.set_request_id("01938f2e-7c3a-7b1e-8f00-3d2a9c4b5e6f");
  rpc::CreateResourceResponse first, again;
  REQUIRE(bench.Call(&Stub::CreateResource, request, &first).ok());
  REQUIRE(bench.Call(&Stub::CreateResource, request, &again).ok());
  CHECK(first.SerializeAsString() == again.SerializeAsString());
  *request.mutable_resource() = Queue("acme", "support");
  CHECK(bench.Call(&Stub::CreateResource, request, &again).error_code() ==
        StatusCode::INVALID_ARGUMENT);
  request.set_request_id("seven");
  CHECK(bench.Call(&Stub::CreateResource, request, &again).error_code() ==
        StatusCode::INVALID_ARGUMENT);
  request.clear_request_id();
  *request.mutable_resource() = Queue("acme", "sales");
  CHECK(bench.Call(&Stub::CreateResource, request, &again).error_code() ==
        StatusCode::ALREADY_EXISTS);
}

TEST_CASE("What is wrong is told field by field") {
  Bench bench;
  bench.MakeTenant("acme");
  Resource queue = Queue("acme", "sales");
  queue.mutable_queue()->clear_display_name();
  queue.mutable_queue()->add_required_skill_ids("juggling");
  queue.mutable_queue()->mutable_offer_timeout()->set_seconds(-1);
  grpc::Status status = bench.TryCreate(queue);
  REQUIRE(status.error_code() == StatusCode::INVALID_ARGUMENT);
  google::rpc::Status details;
  google::rpc::BadRequest bad;
  REQUIRE(details.ParseFromString(status.error_details()));
  REQUIRE(details.details(0).UnpackTo(&bad));
  REQUIRE(bad.field_violations_size() == 2);
  CHECK(bad.field_violations(0).field() == "queue.display_name");
  CHECK(bad.field_violations(1).field() == "queue.offer_timeout");
  queue = Queue("acme", "sales");
  queue.mutable_queue()->add_required_skill_ids("juggling");
  status = bench.TryCreate(queue);
  CHECK(status.error_code() == StatusCode::INVALID_ARGUMENT);
  CHECK(status.error_message() ==
        "queue.required_skill_ids: there is no tenants/acme/skills/juggling");
  CHECK(bench.TryCreate(Queue("nobody", "sales")).error_message() ==
        "name: there is no tenants/nobody");
  queue.set_name("tenants/acme/skills/sales");
  CHECK(bench.TryCreate(queue).error_code() == StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("A record in use is not deleted, and its users are named") {
  Bench bench;
  bench.MakeTenant("acme");
  bench.Create(Skill("acme", "sales"));
  Resource queue = Queue("acme", "sales");
  queue.mutable_queue()->add_required_skill_ids("sales");
  bench.Create(queue);
  grpc::Status status = bench.Delete("tenants/acme/skills/sales");
  CHECK(status.error_code() == StatusCode::FAILED_PRECONDITION);
  CHECK(status.error_message() ==
        "tenants/acme/skills/sales is in use by tenants/acme/queues/sales "
        "(queue.required_skill_ids)");
  queue.mutable_queue()->clear_required_skill_ids();
  bench.Update(queue);
  CHECK(bench.Delete("tenants/acme/skills/sales").ok());
}

TEST_CASE("Logins, numbers and SIP users stand once within a tenant") {
  Bench bench;
  bench.MakeTenant("acme");
  bench.MakeTenant("other");
  bench.Create(User("acme", "anna", "anna"));
  grpc::Status status = bench.TryCreate(User("acme", "anna2", "anna"));
  CHECK(status.error_code() == StatusCode::ALREADY_EXISTS);
  CHECK(status.error_message() == "user.login: \"anna\" is taken by tenants/acme/users/anna");
  bench.Create(User("other", "anna", "anna"));
  REQUIRE(bench.Delete("tenants/acme/users/anna").ok());
  bench.Create(User("acme", "anna2", "anna"));
}

TEST_CASE("Lists come in pages") {
  Bench bench;
  bench.MakeTenant("acme");
  for (int i = 0; i < 5; ++i) bench.Create(Skill("acme", absl::StrCat("s", i)));
  rpc::ListResourcesRequest request;
  request.set_parent("tenants/acme/skills");
  request.set_page_size(2);
  std::vector<std::string> names;
  int pages = 0;
  do {
    rpc::ListResourcesResponse response;
    REQUIRE(bench.Call(&Stub::ListResources, request, &response).ok());
    for (const Resource& resource : response.resources()) names.push_back(resource.name());
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  CHECK(pages == 3);
  CHECK(names.size() == 5);
  CHECK(std::is_sorted(names.begin(), names.end()));
  request.set_page_size(5000);
  rpc::ListResourcesResponse response;
  CHECK(bench.Call(&Stub::ListResources, request, &response).error_code() ==
        StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("History tells who changed what, when and why") {
  Bench bench;
  bench.MakeTenant("acme");
  bench.Create(User("acme", "root", "root", "admin"));
  rpc::CreateResourceRequest create;
  create.mutable_caller()->set_tenant_id("acme");
  create.mutable_caller()->set_user_id("root");
  *create.mutable_resource() = Queue("acme", "sales");
  create.set_reason("new department");
  rpc::CreateResourceResponse created;
  REQUIRE(bench.Call(&Stub::CreateResource, create, &created).ok());
  Resource queue = created.resource();
  queue.mutable_queue()->set_priority(3);
  bench.Update(queue);
  REQUIRE(bench.Delete(queue.name()).ok());
  auto revisions = bench.Revisions("acme", queue.name());
  REQUIRE(revisions.size() == 3);
  CHECK(revisions[2].author() == "users/root");
  CHECK(revisions[2].reason() == "new department");
  CHECK(revisions[2].before_json().empty());
  CHECK(revisions[1].author() == "system");
  const char* diff = R"([{"path":"priority","before":null,"after":3}])";
  CHECK(nlohmann::json::parse(revisions[1].diff_json()) == nlohmann::json::parse(diff));
  CHECK(revisions[0].after_json().empty());
  CHECK(revisions[0].number() > revisions[1].number());
  auto changed = bench.database().Run("UPDATE directory.revisions SET author = 'nobody'");
  CHECK(changed.status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("Whoever changes the history behind our back breaks its seals") {
  Bench bench;
  bench.MakeTenant("acme");
  for (int i = 0; i < 3; ++i) bench.Create(Skill("acme", absl::StrCat("s", i)));
  auto broken = [&] {
    return bench.database().Run("SELECT first_broken_revision()")->rows.at(0).Text(0);
  };
  CHECK(broken().empty());
  REQUIRE(bench.database().Run("ALTER TABLE revisions DISABLE TRIGGER revisions_append_only").ok());
  REQUIRE(bench.database().Run("UPDATE revisions SET author = 'nobody' WHERE number = 5").ok());
  CHECK(broken() == "5");
  REQUIRE(bench.database().Run("DELETE FROM revisions WHERE number = 5").ok());
  CHECK(broken() == "6");
}

TEST_CASE("Passwords become digests and appear nowhere") {
  Bench bench;
  Watcher watcher(bench.port());
  bench.MakeTenant("acme");
  const std::string secret = "correct-horse-battery";
  Resource user = User("acme", "anna", "anna");
  user.mutable_user()->set_password(secret);
  CHECK(bench.Create(user).user().password().empty());
  Resource endpoint;
  endpoint.set_name("tenants/acme/endpoints/101");
  endpoint.mutable_endpoint()->set_sip_username("101");
  CHECK(bench.TryCreate(endpoint).error_code() == StatusCode::INVALID_ARGUMENT);
  endpoint.mutable_endpoint()->set_password(secret);
  endpoint.mutable_endpoint()->set_ha1_md5("0123");  // Ours to compute.
  Resource stored = bench.Create(endpoint);
  CHECK(stored.endpoint().password().empty());
  // printf '101:zvon:correct-horse-battery' | md5sum, sha256sum
  CHECK(stored.endpoint().ha1_md5() == "1a0ad0e1471c97e9a7d4b0b67a40e7a4");
  CHECK(stored.endpoint().ha1_sha256() ==
        "449cf48e814c21b081cae4b485d53c6a379f0d489a87079396adae7ebea2e2cc");
  // Without a new password the digests stay, a new user name needs one.
  stored.mutable_endpoint()->set_contacts_max(2);
  stored = bench.Update(stored);
  CHECK(stored.endpoint().ha1_md5() == "1a0ad0e1471c97e9a7d4b0b67a40e7a4");
  stored.mutable_endpoint()->set_sip_username("102");
  CHECK(bench.TryUpdate(stored).error_code() == StatusCode::INVALID_ARGUMENT);
  Resource trunk;
  trunk.set_name("tenants/acme/trunks/carrier");
  trunk.mutable_trunk()->set_outbound_username("zvon");
  trunk.mutable_trunk()->set_outbound_password(secret);
  CHECK(bench.TryCreate(trunk).error_code() == StatusCode::INVALID_ARGUMENT);
  trunk.mutable_trunk()->set_outbound_realm("carrier.example");
  trunk.mutable_trunk()->set_digest_username("in");
  trunk.mutable_trunk()->set_digest_password(secret);
  CHECK(bench.Create(trunk).trunk().outbound_ha1_sha256().size() == 64);

  std::string everything;
  for (const auto& revision : bench.Revisions("acme", ""))
    everything += revision.SerializeAsString();
  REQUIRE(watcher.WaitFor(
      [](const Configuration& view) { return view.Find("acme", "trunks", "carrier") != nullptr; }));
  everything += watcher.raw();
  for (const char* table : {"resources", "credentials", "revisions", "requests", "outbox"}) {
    auto rows = bench.database().Run(absl::StrCat("SELECT t::text FROM directory.", table, " t"));
    REQUIRE(rows.ok());
    for (const DbRow& row : rows->rows) everything += row.Text(0);
  }
  CHECK(everything.find(secret) == std::string::npos);
  CHECK(everything.find(DbBytes(secret).substr(2)) == std::string::npos);
  // People never see the digests.
  bench.Create(User("acme", "root", "root", "admin"));
  rpc::GetResourceRequest get;
  get.mutable_caller()->set_tenant_id("acme");
  get.mutable_caller()->set_user_id("root");
  get.set_name("tenants/acme/endpoints/101");
  rpc::GetResourceResponse seen;
  REQUIRE(bench.Call(&Stub::GetResource, get, &seen).ok());
  CHECK(seen.resource().endpoint().ha1_md5().empty());
}

TEST_CASE("A caller needs the permission and stays within its tenant") {
  Bench bench;
  bench.MakeTenant("acme");
  bench.MakeTenant("other");
  bench.Create(User("acme", "anna", "anna", "agent"));
  bench.Create(User("acme", "olga", "olga", "supervisor"));
  bench.Create(User("acme", "root", "root", "admin"));
  bench.Create(Queue("acme", "sales"));
  bench.Create(Queue("other", "sales"));
  auto get = [&](const std::string& user, const std::string& name) {
    rpc::GetResourceRequest request;
    request.mutable_caller()->set_tenant_id("acme");
    request.mutable_caller()->set_user_id(user);
    request.set_name(name);
    rpc::GetResourceResponse response;
    return bench.Call(&Stub::GetResource, request, &response).error_code();
  };
  auto remove = [&](const std::string& user, const std::string& name) {
    rpc::DeleteResourceRequest request;
    request.mutable_caller()->set_tenant_id("acme");
    request.mutable_caller()->set_user_id(user);
    request.set_name(name);
    rpc::DeleteResourceResponse response;
    return bench.Call(&Stub::DeleteResource, request, &response).error_code();
  };
  CHECK(get("anna", "tenants/acme/queues/sales") == StatusCode::PERMISSION_DENIED);
  CHECK(get("olga", "tenants/acme/queues/sales") == StatusCode::OK);
  CHECK(get("olga", "tenants/other/queues/sales") == StatusCode::PERMISSION_DENIED);
  CHECK(get("root", "tenants/other/queues/none") == StatusCode::PERMISSION_DENIED);
  CHECK(get("nobody", "tenants/acme/queues/sales") == StatusCode::UNAUTHENTICATED);
  CHECK(remove("olga", "tenants/acme/queues/sales") == StatusCode::PERMISSION_DENIED);
  CHECK(remove("root", "tenants/other/queues/sales") == StatusCode::PERMISSION_DENIED);
  CHECK(remove("root", "tenants/acme") == StatusCode::PERMISSION_DENIED);
  CHECK(remove("root", "tenants/acme/queues/sales") == StatusCode::OK);
  rpc::ListResourcesRequest list;
  list.mutable_caller()->set_tenant_id("acme");
  list.mutable_caller()->set_user_id("root");
  list.set_parent("tenants");
  rpc::ListResourcesResponse tenants;
  REQUIRE(bench.Call(&Stub::ListResources, list, &tenants).ok());
  CHECK(tenants.resources_size() == 1);
}

TEST_CASE("A watch on one replica sees what is written at another, in order") {
  Bench bench;
  auto second = bench.StartReplica();
  Watcher watcher(second->port());
  bench.MakeTenant("acme");
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&bench, w] {
      for (int i = 0; i < 10; ++i) {
        if (!bench.TryCreate(Skill("acme", absl::StrCat("s", w, "-", i))).ok()) std::abort();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  REQUIRE(bench.Delete("tenants/acme/skills/s0-0").ok());
  REQUIRE(watcher.WaitFor([](const Configuration& view) { return view.revision() == 45; }));
  CHECK(watcher.Current()->List("acme", "skills").size() == 39);
  CHECK(watcher.Current()->Find("acme", "skills", "s0-0") == nullptr);
  // One who comes back gets only what it has missed, tombstones too.
  auto frames = bench.WatchUntilSynced(43);
  REQUIRE(frames.size() == 1);
  REQUIRE(frames[0].changes_size() == 2);
  CHECK(frames[0].changes(1).deleted());
  CHECK(frames[0].revision() == 45);
  // One from another history is told so.
  CHECK(bench.WatchUntilSynced(1'000).back().revision() == 45);
}

TEST_CASE("A thousand records come in frames with one synced end") {
  Bench bench;
  bench.MakeTenant("acme");
  REQUIRE(bench.database()
              .Run("INSERT INTO directory.resources SELECT name, 'acme', 'skills', n + 1000, "
                   "now(), false, "
                   "'\\x0a'::bytea || set_byte('\\x00'::bytea, 0, length(name)) || "
                   "convert_to(name, 'UTF8') "
                   "FROM generate_series(1, 1200) n, concat('tenants/acme/skills/x', n) name")
              .ok());
  REQUIRE(bench.database().Run("UPDATE directory.counter SET revision = 2200").ok());
  bench.Create(Skill("acme", "last"));
  auto frames = bench.WatchUntilSynced(0);
  CHECK(frames.size() == 3);
  int changes = 0, synced = 0;
  for (const auto& frame : frames) {
    changes += frame.changes_size();
    synced += frame.synced() ? 1 : 0;
  }
  CHECK(changes == 1205);
  CHECK(synced == 1);
}

}  // namespace
}  // namespace zvon::directory
