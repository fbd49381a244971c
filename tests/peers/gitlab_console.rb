# Runs a script of AutoGit as `gitlab-rails runner` does, with as much of Rails as the script uses. Standard input: JSON with
# the `script` and the `users` of GitLab with their tokens; output: JSON with what the script `printed` and the `tokens`.
require 'json'
require 'stringio'

class Integer
  # A time is told as the days until then.
  def days
    Struct.new(:from_now).new(self)
  end
end

Token = Struct.new(:user, :name, :scopes, :expires_at, :revoked, :token, keyword_init: true) do
  def revoke!
    self.revoked = true
  end
end

# As much of a relation as the script asks for.
class Tokens
  def initialize(user, all)
    @user = user
    @all = all
  end

  def active
    Tokens.new(@user, @all.reject(&:revoked))
  end

  def where(name:)
    Tokens.new(@user, @all.select { |one| one.name == name })
  end

  def find_each(&)
    @all.each(&)
  end

  def create!(name:, scopes:, expires_at:)
    raise "scopes are symbols, not #{scopes.inspect}" unless scopes.all?(Symbol)

    values = { name: name, scopes: scopes, expires_at: expires_at, token: 'glpat-of-the-console' }
    Token.new(user: @user, revoked: false, **values).tap { |made| @all << made }
  end

  def to_a
    @all
  end
end

# GitLab's people.
class User
  class << self
    attr_accessor :all

    def find_by(username:)
      all.find { |one| one.username == username }
    end

    def admins
      Struct.new(:users) do
        def order(by)
          users.sort_by(&by)
        end
      end.new(all.select(&:admin))
    end
  end

  attr_reader :id, :username, :admin, :personal_access_tokens

  def initialize(facts)
    @id, @username, @admin = facts.values_at('id', 'username', 'admin')
    tokens = facts['tokens'].map { |one| Token.new(user: @username, scopes: [], **one.transform_keys(&:to_sym)) }
    @personal_access_tokens = Tokens.new(@username, tokens)
  end
end

wish = JSON.parse($stdin.read)
User.all = wish['users'].map { |facts| User.new(facts) }
output = $stdout
$stdout = StringIO.new
begin
  eval(wish['script'], TOPLEVEL_BINDING, 'script')
  printed = $stdout.string
ensure
  $stdout = output
end
puts JSON.generate(printed: printed, tokens: User.all.flat_map { |one| one.personal_access_tokens.to_a.map(&:to_h) })
