#include "services/common/rpc/rpc_server.h"

#include <catch2/catch.hpp>
#include <chrono>

namespace zvon {

TEST_CASE("a server on a free port is reached and can be stopped twice") {
  auto server = RpcServer::Start("127.0.0.1:0", {}, {});
  REQUIRE(server.ok());
  REQUIRE((*server)->port() > 0);
  auto channel = MakeChannel("127.0.0.1:" + std::to_string((*server)->port()), {});
  CHECK(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(5)));
  (*server)->Stop(absl::Milliseconds(100));
  (*server)->Stop(absl::Milliseconds(100));
}

TEST_CASE("a port that is taken is a clear error") {
  auto first = RpcServer::Start("127.0.0.1:0", {}, {});
  REQUIRE(first.ok());
  auto second = RpcServer::Start("127.0.0.1:" + std::to_string((*first)->port()), {}, {});
  REQUIRE_FALSE(second.ok());
  CHECK_THAT(std::string(second.status().message()), Catch::Contains("cannot listen for gRPC on"));
}

TEST_CASE("a certificate without its key is refused before anything listens") {
  auto server = RpcServer::Start("127.0.0.1:0", {.certificate_file = "/x"}, {});
  CHECK(server.status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("statuses cross gRPC and come back") {
  absl::Status status = absl::NotFoundError("queue sales");
  CHECK(FromGrpc(ToGrpc(status)) == status);
  CHECK(FromGrpc(grpc::Status::OK).ok());
}

}  // namespace zvon
