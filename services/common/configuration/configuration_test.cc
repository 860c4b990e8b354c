#include "services/common/configuration/configuration.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "services/common/configuration/cache_file.h"
#include "services/common/testing/temp_dir.h"

namespace zvon {
namespace {

using zvon::directory::v1::Resource;
using zvon::directory::v1::ResourceChange;

Resource Queue(const std::string& name, const std::string& display_name) {
  Resource resource;
  resource.set_name(name);
  resource.mutable_queue()->set_display_name(display_name);
  return resource;
}

Resource Tenant(const std::string& name) {
  Resource resource;
  resource.set_name(name);
  resource.mutable_tenant()->set_display_name(name);
  return resource;
}

TEST_CASE("Names of records are read strictly") {
  ResourceName name;
  REQUIRE(ParseResourceName("tenants/demo/queues/sales", &name));
  CHECK(name.tenant_id == "demo");
  CHECK(name.collection == "queues");
  CHECK(name.id == "sales");
  CHECK(name.ToString() == "tenants/demo/queues/sales");
  REQUIRE(ParseResourceName("tenants/demo", &name));
  CHECK(name.collection.empty());
  CHECK(name.ToString() == "tenants/demo");
  for (const char* bad :
       {"", "tenants", "tenants/", "tenants/demo/queues", "tenants/demo/queues/",
        "tenants//queues/a", "tenant/demo", "tenants/demo/queues/a/b", "/tenants/demo"}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseResourceName(bad, &name));
  }
}

TEST_CASE("A view finds and lists, and an older view does not change") {
  auto first =
      MakeConfiguration(7, {Tenant("tenants/demo"), Queue("tenants/demo/queues/support", "B"),
                            Queue("tenants/demo/queues/sales", "A")});
  CHECK(first->revision() == 7);
  CHECK(first->TenantIds() == std::vector<std::string>{"demo"});
  CHECK(first->FindTenant("demo") != nullptr);
  CHECK(first->FindTenant("other") == nullptr);
  REQUIRE(first->List("demo", "queues").size() == 2);
  CHECK(first->List("demo", "queues")[0]->name() == "tenants/demo/queues/sales");
  std::vector<ResourceChange> changes(2);
  *changes[0].mutable_resource() = Queue("tenants/demo/queues/sales", "new");
  changes[1].mutable_resource()->set_name("tenants/demo/queues/support");
  changes[1].set_deleted(true);
  auto second = ApplyChanges(first, 9, changes);
  CHECK(second->revision() == 9);
  CHECK(second->Find("demo", "queues", "sales")->queue().display_name() == "new");
  CHECK(second->Find("demo", "queues", "support") == nullptr);
  CHECK(first->Find("demo", "queues", "sales")->queue().display_name() == "A");
  CHECK(first->Find("demo", "queues", "support") != nullptr);
}

TEST_CASE("The saved configuration is read back, a damaged one refused") {
  TempDir dir;
  const std::string path = dir.path() + "/deep/configuration.bin";
  CHECK(internal::ReadCacheFile(path).status().code() == absl::StatusCode::kNotFound);
  auto view =
      MakeConfiguration(7, {Tenant("tenants/demo"), Queue("tenants/demo/queues/sales", "A")});
  REQUIRE(internal::WriteCacheFile(path, *view).ok());
  auto saved = internal::ReadCacheFile(path);
  REQUIRE(saved.ok());
  CHECK(saved->revision() == 7);
  CHECK(saved->changes_size() == 2);
  const auto size = std::filesystem::file_size(path);
  std::filesystem::resize_file(path, size - 1);
  CHECK(internal::ReadCacheFile(path).status().code() == absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace zvon
