# Evaluates gitlab.rb as GitLab's package does, and prints what it says of signing in through others as JSON. It loads
# nothing of Ruby's own library, so that the program alone is enough. Argument: the file.

# Like the package's: a table that is not there yet is a new one.
class Table < Hash
  def [](key)
    key?(key.to_s) ? super(key.to_s) : self[key] = Table.new
  end

  def []=(key, value)
    super(key.to_s, value)
  end
end

class Settings
  attr_reader :found

  def initialize
    @found = Table.new
  end

  def respond_to_missing?(*)
    true
  end

  # `gitlab_rails` is a table, `external_url '…'` a setting.
  def method_missing(name, *values)
    values.empty? ? @found[name] : @found[name] = values.first
  end
end

def text(value)
  signs = value.encode('UTF-8').each_char.map do |sign|
    sign =~ /["\\]|[[:cntrl:]]/ ? format('\\u%04x', sign.ord) : sign
  end
  "\"#{signs.join}\""
end

def json(value)
  case value
  when Hash then "{#{value.map { |key, item| "#{text(key.to_s)}:#{json(item)}" }.join(',')}}"
  when Array then "[#{value.map { |item| json(item) }.join(',')}]"
  when true, false, Integer then value.to_s
  when nil then 'null'
  else text(value.to_s)
  end
end

Encoding.default_external = Encoding::UTF_8
settings = Settings.new
settings.instance_eval(File.read(ARGV.first), ARGV.first)
puts json(settings.found[:gitlab_rails].select { |key, _| key.start_with?('omniauth_') })
