using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Layers;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest;

/// <summary>
/// The bits of every layer by name, as a file: <c>{"version": 1, "model": SHA-256, "hardware": NAME, "layers": [{"name", "weights", "activations"}]}</c>.
/// </summary>
/// <param name="ModelDigest">SHA-256 of the model that it was made for.</param>
/// <param name="Hardware">Name of the target that it was made for.</param>
/// <param name="Entries">In execution order.</param>
public sealed record PolicyFile(string ModelDigest, string Hardware, ImmutableArray<PolicyEntry> Entries)
{
    private const int Version = 1;

    private static readonly JsonWriterOptions s_layout = new() { Indented = true, NewLine = "\n" };

    /// <summary>The file for a policy.</summary>
    public static PolicyFile Of(Policy policy, IReadOnlyList<QuantizableLayer> layers, string modelDigest, string hardware) =>
        new(modelDigest, hardware, [.. layers.Select(l => new PolicyEntry(l.Name, policy[l.Index], null) { IsTensor = l.Shape.IsTensor })]);

    /// <summary>Reads a policy file.</summary>
    /// <exception cref="HaqException">It cannot be opened (HAQ0210) or is not a policy file (HAQ0001 to HAQ0005), with line and column.</exception>
    public static PolicyFile Load(string path)
    {
        try
        {
            OrdinaryFile.Require(path);
            return Parse(path, File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.PolicyUnreadable.Error(path, $"the policy file cannot be read: {e.Message} Check the path after --policy.", e);
        }
    }

    /// <summary>Reads a policy from its text; <paramref name="file"/> is what errors name.</summary>
    /// <exception cref="HaqException">It is not a policy file (HAQ0001 to HAQ0005).</exception>
    public static PolicyFile Parse(string file, string text)
    {
        // JSON is YAML, and the YAML reader knows the position of every value. Tabs may only be layout here: JSON strings escape them.
        var root = YamlReader.Parse(file, text.Replace('\t', ' '));
        root.RejectUnknownKeys(["version", "model", "hardware", "layers"]);
        root.Require("version", "the version of the format, 1").AsInteger(Version, Version);
        string model = root.Require("model", "the SHA-256 of the model that the policy was made for").AsText();
        string hardware = root.Require("hardware", "the name of the target that the policy was made for").AsText();
        var layers = root.Require("layers", "a list of name, weights and activations").AsSequence().Select(Entry);
        return new PolicyFile(model, hardware, [.. layers]);
    }

    /// <summary>The file's bytes: UTF-8, a line feed after every line, the same for the same policy.</summary>
    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_layout))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("model", ModelDigest);
            json.WriteString("hardware", Hardware);
            json.WriteStartArray("layers");
            foreach (var entry in Entries)
            {
                json.WriteStartObject();
                json.WriteString("name", entry.Layer);
                if (!entry.IsTensor) json.WriteNumber("weights", entry.Bits.Weights.Bits);
                json.WriteNumber("activations", entry.Bits.Activations.Bits);
                if (entry.IsTensor) json.WriteBoolean("tensor", true);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The policy for <paramref name="layers"/>, which must be exactly those in the file.</summary>
    /// <param name="layers">The model's, by index.</param>
    /// <param name="file">What errors name.</param>
    /// <exception cref="HaqException">A layer is unknown, missing or given twice (HAQ0209).</exception>
    public Policy For(IReadOnlyList<QuantizableLayer> layers, string file)
    {
        var bits = new LayerBits?[layers.Count];
        var indices = layers.ToDictionary(l => l.Name, l => l.Index, StringComparer.Ordinal);
        foreach (var entry in Entries)
        {
            var at = entry.Location ?? new SourceLocation(file);
            if (!indices.TryGetValue(entry.Layer, out int index))
            {
                string meant = Suggestion.For(entry.Layer, indices.Keys) is { } name ? $" Did you mean '{name}'?" : " Was the policy made for another model?";
                throw DiagnosticCatalog.PolicyMismatch.Error(at, $"the model has no layer '{entry.Layer}'.{meant}");
            }
            if (bits[index] is not null) throw DiagnosticCatalog.PolicyMismatch.Error(at, $"layer '{entry.Layer}' is given twice. Keep one of the two.");
            bits[index] = entry.Bits;
        }
        var missing = layers.Where(l => bits[l.Index] is null).Select(l => l.Name).ToArray();
        if (missing.Length == 0) return new Policy([.. bits.Select(b => b!.Value)]);
        string names = string.Join(", ", missing.Take(3).Select(n => $"'{n}'")) + (missing.Length > 3 ? ", …" : "");
        throw DiagnosticCatalog.PolicyMismatch.Error(
            file, $"the policy has no bits for {missing.Length} of the model's {layers.Count} layers: {names}. Add them, or use the policy of this model.");
    }

    private static PolicyEntry Entry(YamlValue value)
    {
        var entry = value.AsMapping();
        entry.RejectUnknownKeys(["name", "weights", "activations", "tensor"]);
        // A tensor between layers has no weights.
        bool isTensor = entry.Find("weights") is null && entry.Find("tensor")?.AsBoolean() == true;
        return new PolicyEntry(
            entry.Require("name", "the layer's name").AsText(),
            new LayerBits(
                isTensor ? Bitwidth.Eight : WidthText.Read(entry.Require("weights", "bits of the weights"), Bitwidth.Min),
                WidthText.Read(entry.Require("activations", "bits of the activations that it reads"), Bitwidth.Min)),
            value.Location) { IsTensor = isTensor };
    }
}
