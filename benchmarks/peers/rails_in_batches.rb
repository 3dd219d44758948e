#!/usr/bin/env ruby
# Rails' usual loop: in_batches(of: n) and update_all.
require "uri"

def missing(what)
  puts what
  exit 77
end

begin
  require "active_record"
rescue LoadError
  missing "ActiveRecord is not installed (ruby-activerecord)"
end

text = ENV.fetch("BENCH_URL")
scheme = text[/\A[a-z]+/]
adapter, gem, package = { "postgresql" => %w[postgresql pg ruby-pg], "sqlite" => %w[sqlite3 sqlite3 ruby-sqlite3] }
                        .fetch(scheme, %w[mysql2 mysql2 ruby-mysql2])
begin
  require gem
rescue LoadError
  missing "#{gem} is not installed (#{package})"
end
exit 0 if ARGV.include?("--check")

if scheme == "sqlite"
  config = { adapter: adapter, database: text.delete_prefix("sqlite:"), timeout: 60_000 }
else
  url = URI.parse(text)
  config = { adapter: adapter, host: url.host, port: url.port, database: url.path[1..],
             username: URI.decode_www_form_component(url.user), password: URI.decode_www_form_component(url.password) }
end
ActiveRecord::Base.establish_connection(config)

class User < ActiveRecord::Base
end

User.where(username: nil).in_batches(of: Integer(ENV.fetch("BENCH_BATCH"))) do |batch|
  batch.update_all("username = lower(user_name)")
end
