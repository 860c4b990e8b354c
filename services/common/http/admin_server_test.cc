#include "services/common/http/admin_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "services/common/http/listen_address.h"

namespace zvon {
namespace {

// Sends `request` and reads until the server closes.
std::string Exchange(int port, const std::string& request) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  REQUIRE(send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t n; (n = recv(fd, buffer, sizeof(buffer), 0)) > 0;) answer.append(buffer, n);
  close(fd);
  return answer;
}

AdminResponse Echo(const std::string& path) {
  return path == "/hello" ? AdminResponse{200, "text/plain", "hello " + path} : AdminResponse{404, "text/plain", ""};
}

std::string Get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
}

}  // namespace

TEST_CASE("a page is answered, without the query, and others are not found") {
  auto server = AdminServer::Start("127.0.0.1:0", Echo);
  REQUIRE(server.ok());
  std::string answer = Exchange((*server)->port(), Get("/hello?x=1"));
  CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 200") && Catch::EndsWith("hello /hello"));
  CHECK_THAT(Exchange((*server)->port(), Get("/other")), Catch::StartsWith("HTTP/1.1 404"));
}

TEST_CASE("what is no GET or no HTTP costs its own connection only") {
  auto server = AdminServer::Start("127.0.0.1:0", Echo);
  REQUIRE(server.ok());
  int port = (*server)->port();
  CHECK_THAT(Exchange(port, "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
             Catch::StartsWith("HTTP/1.1 405"));
  CHECK(Exchange(port, "\x16\x03\x01 rubbish\r\n\r\n").empty());
  CHECK(Exchange(port, "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n").empty());
  CHECK_THAT(Exchange(port, Get("/hello")), Catch::StartsWith("HTTP/1.1 200"));
}

TEST_CASE("wrong and taken addresses are clear errors") {
  CHECK_THAT(std::string(AdminServer::Start("nowhere", Echo).status().message()),
             Catch::Contains("\"nowhere\": expected address:port"));
  CHECK_FALSE(AdminServer::Start("no.address:80", Echo).ok());
  auto server = AdminServer::Start("127.0.0.1:0", Echo);
  REQUIRE(server.ok());
  auto second = AdminServer::Start("127.0.0.1:" + std::to_string((*server)->port()), Echo);
  CHECK_THAT(std::string(second.status().message()), Catch::Contains("cannot listen on"));
}

TEST_CASE("listen addresses of both families are understood") {
  CHECK(ParseListenAddress("[::1]:80")->host == "::1");
  CHECK(ParseListenAddress(":80")->host == "0.0.0.0");
  CHECK_FALSE(ParseListenAddress("1.2.3.4:65536").ok());
}

}  // namespace zvon
