using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Pipeline;

/// <summary>Digests of what the manifest says about one thing, so that an edit elsewhere, a comment or a moved line changes no stage's key.</summary>
internal static class SettingsDigest
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        Converters = { new NoPlace(), new AsWritten(), new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>SHA-256 of a settings record's content, positions left out.</summary>
    public static string Of<T>(T settings) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(settings, s_options)));

    /// <summary>The data sets: how they are declared, and the digests of their files.</summary>
    public static string OfData(Workspace workspace)
    {
        using var key = new StageKeyBuilder("data", 1);
        key.Add("declared", Of(workspace.Manifest.Data)).Add("inputs", Of(workspace.Manifest.Inputs));
        foreach (var (role, input) in workspace.Inputs.Inputs.Where(i => i.Key.StartsWith("data.", StringComparison.Ordinal))) key.Add(role, input.Sha256 ?? "");
        return key.Build().Digest;
    }

    private sealed class NoPlace : JsonConverter<SourceLocation>
    {
        public override SourceLocation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, SourceLocation value, JsonSerializerOptions options) => writer.WriteNullValue();
    }

    private sealed class AsWritten : JsonConverter<FileReference>
    {
        public override FileReference Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, FileReference value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
    }
}
