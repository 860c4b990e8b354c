#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "services/directory/core/permissions.h"
#include "services/directory/core/references.h"
#include "services/directory/core/revision_text.h"
#include "services/directory/core/secrets.h"
#include "services/directory/core/validation.h"

namespace zvon::directory {
namespace {

TEST_CASE("Number patterns") {
  for (const char* good : {"1000", "10XX", "8[2-9]X.", "+7XXXXXXXXXX", "[137]Z!", "*55#"}) {
    CAPTURE(good);
    CHECK(IsNumberPattern(good));
  }
  for (const char* bad :
       {"", "10A", "8[", "8[]", "8[a]", "8[9-2]", "8.5", "!!", "x", "8[1-]", "8[-1]"}) {
    CAPTURE(bad);
    CHECK_FALSE(IsNumberPattern(bad));
  }
}

TEST_CASE("Networks and language tags") {
  for (const char* good : {"127.0.0.0/8", "10.0.0.1", "2001:db8::/32", "::1", "0.0.0.0/0"})
    CHECK(IsCidr(good));
  for (const char* bad :
       {"", "127.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.1/", "10.0.0.1/-1", "host"}) {
    CAPTURE(bad);
    CHECK_FALSE(IsCidr(bad));
  }
  for (const char* good : {"ru", "en-GB", "zh-Hant-TW"}) CHECK(IsLanguageTag(good));
  for (const char* bad : {"", "r", "ru-", "ru--RU", "русский", "toolonglanguage"})
    CHECK_FALSE(IsLanguageTag(bad));
}

TEST_CASE("Ids") {
  for (const char* good : {"a", "0", "sales-direct", "a.b_c"}) CHECK(IsId(good));
  for (const char* bad : {"", "-a", "A", "a b", "a/b"}) CHECK_FALSE(IsId(bad));
  CHECK(IsId(std::string(63, 'a')));
  CHECK_FALSE(IsId(std::string(64, 'a')));
}

TEST_CASE("Permissions") {
  CHECK(Holds({"*"}, "anything.at.all"));
  CHECK(Holds({"recordings.listen"}, "recordings.listen.own"));
  CHECK_FALSE(Holds({"recordings.listen.own"}, "recordings.listen"));
  CHECK(Holds({"directory.write"}, "directory.read"));
  CHECK_FALSE(Holds({"directory.read"}, "directory.write"));
  CHECK_FALSE(Holds({}, "calls.handle"));
}

TEST_CASE("Every kind of record has a collection, and an empty one says what it lacks") {
  for (const Collection& collection : Collections()) {
    CAPTURE(collection.field);
    Resource resource;
    resource.set_name(collection.name[0] == '\0' ? "tenants/acme"
                                                 : NameOf("acme", collection.name, "x"));
    CHECK_FALSE(Validate(resource).empty());
    const auto* field = Resource::descriptor()->FindFieldByName(collection.field);
    resource.GetReflection()->MutableMessage(&resource, field);
    CHECK(resource.kind_case() == collection.kind);
    CHECK(MutableKind(resource) != nullptr);
    // A trunk alone may be empty: it then takes no calls.
    CHECK(Validate(resource).empty() == (collection.kind == Resource::kTrunk));
  }
}

TEST_CASE("Differences are told by path") {
  const std::string before =
      R"({"display_name":"A","priority":1,"skills":["a"],"names":{"ru":"Б","en":"B"}})";
  const std::string after =
      R"({"display_name":"A","skills":["a","b"],"names":{"ru":"В","en":"B"}})";
  const char* expected = R"json([
    {"path":"names.ru","before":"Б","after":"В"},
    {"path":"priority","before":1,"after":null},
    {"path":"skills","before":["a"],"after":["a","b"]},
    {"path":"password","after":"(changed)"}])json";
  CHECK(nlohmann::json::parse(DiffJson(before, after, true)) == nlohmann::json::parse(expected));
  CHECK(DiffJson("", "", false) == "[]");
}

TEST_CASE("Digests follow RFC 7616") {
  CHECK(Ha1Md5("Mufasa", "http-auth@example.org", "Circle of Life") ==
        "3d78807defe7de2157e2b0b6573a855f");
  CHECK(Ha1Sha256("Mufasa", "http-auth@example.org", "Circle of Life") ==
        "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232");
}

TEST_CASE("References name the field and the record, once each") {
  Resource queue;
  queue.set_name("tenants/acme/queues/sales");
  queue.mutable_queue()->add_required_skill_ids("sales");
  queue.mutable_queue()->add_required_skill_ids("sales");
  queue.mutable_queue()->set_missed_offer_reason_id("missed");
  const auto references = ReferencesOf(queue);
  REQUIRE(references.size() == 3);
  CHECK(references[0] == Reference{"name", "tenants/acme"});
  CHECK(references[1] == Reference{"queue.required_skill_ids", "tenants/acme/skills/sales"});
  CHECK(references[2] == Reference{"queue.missed_offer_reason_id", "tenants/acme/reasons/missed"});
}

}  // namespace
}  // namespace zvon::directory
