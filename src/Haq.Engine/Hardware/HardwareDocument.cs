using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Yaml;

namespace Haq.Engine.Hardware;

/// <summary>A hardware file being read: values by key, checked against the key's declaration, and remembered for <c>hardware show</c>.</summary>
internal sealed class HardwareDocument
{
    private readonly YamlMapping _yaml;
    private readonly ImmutableArray<HardwareKey> _keys;
    private readonly List<HardwareParameter> _parameters = [];
    private readonly List<string> _attachments = [], _files = [];

    public HardwareDocument(YamlMapping yaml, string? folder, IEnumerable<HardwareKey> keys)
    {
        (_yaml, Folder, _keys) = (yaml, folder, [.. keys]);
        yaml.RejectUnknownKeys([.. _keys.Select(k => k.Name)]);
    }

    /// <summary>What paths in it are relative to; null for a built-in target.</summary>
    public string? Folder { get; }

    /// <summary>Where the file starts, for errors about the whole.</summary>
    public SourceLocation Location => _yaml.Location;

    /// <summary>Everything read so far.</summary>
    public ImmutableArray<HardwareParameter> Parameters => [.. _parameters];

    /// <summary>Texts of the files that it names and that were read.</summary>
    public IReadOnlyList<string> Attachments => _attachments;

    /// <summary>The paths of those files.</summary>
    public IReadOnlyList<string> AttachedFiles => _files;

    /// <summary>A whole number.</summary>
    public int Integer(string name) => OptionalInteger(name)
        ?? throw DiagnosticCatalog.MissingKey.Error(Location, $"the hardware file needs '{name}': {Key(name).Purpose}.");

    /// <summary>A whole number, or null when it is absent and has no default.</summary>
    public int? OptionalInteger(string name)
    {
        var key = Key(name);
        if (_yaml.Find(name) is { } value)
        {
            int number = value.AsInteger((int)key.Min, (int)key.Max);
            Remember(key, number.ToString(CultureInfo.InvariantCulture), isDefault: false);
            return number;
        }
        if (key.Default is null)
        {
            if (!key.IsOptional) _yaml.Require(name, key.Purpose);
            return null;
        }
        Remember(key, key.Default, isDefault: true);
        return int.Parse(key.Default, CultureInfo.InvariantCulture);
    }

    /// <summary>A number.</summary>
    public double Number(string name)
    {
        var key = Key(name);
        if (_yaml.Find(name) is null && key.Default is not null)
        {
            Remember(key, key.Default, isDefault: true);
            return double.Parse(key.Default, CultureInfo.InvariantCulture);
        }
        double number = _yaml.Require(name, key.Purpose).AsNumber(key.Min, key.Max);
        Remember(key, number.ToString(CultureInfo.InvariantCulture), isDefault: false);
        return number;
    }

    /// <summary>One of the key's words.</summary>
    public string Word(string name)
    {
        var key = Key(name);
        bool isDefault = key.Default is not null && _yaml.Find(name) is null;
        string word = isDefault ? key.Default! : _yaml.Require(name, key.Purpose).AsOneOf([.. key.Choices!]);
        Remember(key, word, isDefault);
        return word;
    }

    /// <summary>Text that must be there.</summary>
    public string Text(string name)
    {
        string text = _yaml.Require(name, Key(name).Purpose).AsText();
        Remember(Key(name), text, isDefault: false);
        return text;
    }

    /// <summary>Text, or null when it is absent.</summary>
    public string? OptionalText(string name) => _yaml.Find(name) is null ? null : Text(name);

    /// <summary>The file named under a key, relative to this one: its path and text.</summary>
    /// <exception cref="HaqException">It cannot be read (HAQ0202).</exception>
    public (string Path, string Text) ReadBeside(string name)
    {
        string written = Text(name);
        string path = Path.GetFullPath(Path.Combine(Folder ?? ".", written));
        try
        {
            OrdinaryFile.Require(path);
            string text = File.ReadAllText(path);
            _attachments.Add(text);
            _files.Add(path);
            return (path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.HardwareUnreadable.Error(_yaml.Find(name)!.Location, $"'{written}' cannot be read: {e.Message} Correct '{name}' or grant permission.", e);
        }
    }

    /// <summary>A mapping read as a document of its own; null when it is absent and may be.</summary>
    public HardwareDocument? Section(string name, IEnumerable<HardwareKey> keys)
    {
        if (!Key(name).IsOptional) _yaml.Require(name, Key(name).Purpose);
        return _yaml.Find(name) is { } value ? new HardwareDocument(value.AsMapping(), Folder, keys) : null;
    }

    /// <summary>The raw value under a key, or null.</summary>
    public YamlValue? Find(string name) => _yaml.Find(Key(name).Name);

    /// <summary>Shows a value that was read by other means.</summary>
    public void Remember(string name, string value, bool isDefault = false) => Remember(Key(name), value, isDefault);

    /// <summary>Shows what a section read, each key under the section's name.</summary>
    public void Remember(string section, HardwareDocument read)
    {
        foreach (var parameter in read.Parameters) _parameters.Add(parameter with { Key = $"{section}.{parameter.Key}" });
    }

    private void Remember(HardwareKey key, string value, bool isDefault) =>
        _parameters.Add(new HardwareParameter(key.Name, value, key.Unit, key.Purpose, isDefault));

    private HardwareKey Key(string name) => _keys.Single(k => k.Name == name);
}
