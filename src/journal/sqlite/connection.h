// The SQLite C API with owners for its handles and errors as values: just what the store needs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace dayu::journal::sqlite {

struct CloseConnection {
    void operator()(sqlite3* connection) const;
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const;
};

// A prepared statement, to be used again and again. What is bound must live until the last step, and
// who steps resets.
class Statement {
   public:
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    // Parameters in their order, from the first one.
    Statement& bind(std::int64_t value);
    Statement& bind(std::string_view text);
    Statement& bind_blob(std::string_view bytes);
    Statement& bind_null();

    Result<bool> step();  // true: there is a row
    Result<void> run();   // for statements without rows
    void reset();         // ends the reading; binding starts at the first parameter again

    // Columns of the present row, in their order, from the first one.
    std::int64_t read_integer();
    std::string read_text();  // a blob too
    bool skip_null();         // true, and past it, when the next column is NULL

   private:
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement_;
    int parameter_ = 0;
    int column_ = 0;
};

// Resets at the end of its scope: a statement left open would hold the write-ahead log back.
class Reset {
   public:
    explicit Reset(Statement& statement) : statement_(statement) {}
    ~Reset() { statement_.reset(); }
    Reset(const Reset&) = delete;
    Reset& operator=(const Reset&) = delete;

   private:
    Statement& statement_;
};

enum class Access { read_only, read_write };

class Connection {
   public:
    static Result<Connection> open(const std::string& path, Access access);

    Result<void> execute(const char* sql);
    // The statement of this text, prepared at its first use and ready to be bound. It is the
    // connection's: one at a time of the same text.
    Result<Statement*> statement(const std::string& sql);
    Result<std::int64_t> read_integer(const std::string& sql);  // the first column of the only row
    bool in_transaction() const;
    // Called inside each commit with the pages that the write-ahead log has by then. It is this in place of the checkpoints
    // that SQLite makes by itself.
    void on_commit(std::function<void(std::int64_t)> told);
    // A consistent copy of the whole database as one new plain file, beside a writer that goes on.
    Result<void> copy_to(const std::string& path);

   private:
    explicit Connection(sqlite3* connection) : connection_(connection) {}
    std::unique_ptr<std::function<void(std::int64_t)>> told_;  // at one place, for SQLite
    std::unique_ptr<sqlite3, CloseConnection> connection_;
    std::unordered_map<std::string, Statement> statements_;  // destroyed before the connection
};

}  // namespace dayu::journal::sqlite
