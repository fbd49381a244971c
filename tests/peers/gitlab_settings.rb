# Evaluates gitlab.rb as GitLab's package does, with as much of its language as the settings use, and prints what comes of
# it as JSON. Standard input: a JSON array of texts; output: an array of objects.
require 'json'

# Like the package's: keys are texts, and one that is not there yet is a new table.
class Table < Hash
  def [](key)
    key?(key.to_s) ? super(key.to_s) : self[key] = Table.new
  end

  def []=(key, value)
    super(key.to_s, value)
  end
end

# Reads secrets that are not there: their value says which one it was.
module Secrets
  def self.read(path)
    raise "#{path} is no secret" unless path =~ %r{\A/run/secrets/([a-z0-9-]+)\z}

    "value of #{Regexp.last_match(1)}\n"
  end
end

class Settings
  File = Secrets
  TABLES = %w[
    gitlab_rails gitlab_kas gitaly letsencrypt postgresql prometheus_monitoring puma registry sidekiq
  ].freeze

  attr_reader :found

  def initialize
    @found = Table.new
  end

  TABLES.each { |name| define_method(name) { @found[name] } }
  TABLES.each { |name| define_method("#{name}=") { |_| raise "#{name} is replaced as a whole" } }

  def external_url(url)
    @found['external_url'] = url
  end

  def registry_external_url(url)
    @found['registry_external_url'] = url
  end

  def evaluate(text)
    # In a class of its own, so that `File` means the one above.
    Settings.class_eval("def run\n#{text}\nend", 'gitlab.rb', 0)
    run
    @found
  end
end

puts JSON.generate(JSON.parse($stdin.read).map { |text| Settings.new.evaluate(text) })
