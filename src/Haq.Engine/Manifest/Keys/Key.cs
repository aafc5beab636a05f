using System.Text.Json.Nodes;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary>One key of the manifest. The reader, the JSON Schema, the template and the documentation's test all read it from here.</summary>
internal abstract class Key(string name, string form, string summary, string? example, bool required, bool advanced)
{
    public string Name => name;

    /// <summary>What may be written.</summary>
    public string Form => form;

    /// <summary>What it does, in one line without a full stop.</summary>
    public string Summary => summary;

    /// <summary>The default as it would be written, or where there is none an example; null for groups.</summary>
    public string? Example => example;

    public bool Required => required;

    /// <summary>Left out of the template.</summary>
    public bool Advanced => advanced;

    /// <summary>The keys of its mapping, where its value is one.</summary>
    public KeyGroup? Group { get; protected init; }

    public abstract JsonObject Schema();

    /// <summary>Reads a value for the errors in it.</summary>
    public abstract void Check(YamlValue value);
}

/// <inheritdoc/>
internal sealed class Key<T> : Key
{
    private readonly ValueKind<T> _kind;

    public Key(string name, ValueKind<T> kind, T whenAbsent, string? example, string summary, bool required = false, bool advanced = false, KeyGroup? group = null)
        : base(name, kind.Form, summary, example, required, advanced)
    {
        (_kind, WhenAbsent, Group) = (kind, whenAbsent, group);
    }

    /// <summary>The value of a key that is not given.</summary>
    public T WhenAbsent { get; }

    public T Read(YamlValue value) => _kind.Read(value);

    public override void Check(YamlValue value) => _kind.Read(value);

    public override JsonObject Schema()
    {
        var schema = _kind.Schema();
        schema["description"] = Example is null || Group is not null ? Summary : $"{Summary} ({(Required ? "e.g." : "default or example:")} {Example})";
        return schema;
    }
}
