using System.Security.Cryptography;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Yaml;

namespace Haq.Engine.Hardware;

/// <summary>Reads a hardware file.</summary>
internal static class HardwareReader
{
    /// <summary>Reads <paramref name="text"/>; errors name <paramref name="file"/> with line and column.</summary>
    /// <param name="file">What to call the file.</param>
    /// <param name="text">Its content.</param>
    /// <param name="folder">What paths in it are relative to; null for built-in targets.</param>
    /// <exception cref="HaqException">The file is not a hardware file (HAQ0001 to HAQ0005, HAQ0202 to HAQ0204).</exception>
    public static HardwareTarget Read(string file, string text, string? folder)
    {
        var yaml = YamlReader.Parse(file, text);
        var kind = KindOf(yaml);
        var document = new HardwareDocument(yaml, folder, [.. HardwareKinds.CommonKeys, .. kind.Keys]);
        int batch = document.Integer("batch");
        var model = kind.Create(document);
        var bits = document.Find("bits") is { } value ? SupportedBitsReader.Read(value) : kind.DefaultBits(model);
        document.Remember("bits", bits.ToString(), isDefault: document.Find("bits") is null);
        var host = HostCosts.Read(document, model, bits);
        if (host is not null) bits = new SupportedBits([.. bits.Pairs, LayerBits.Float]);
        bool integers = document.Word("tensors") == "integer";
        bool fuses = document.Word("residual") == "fused";
        string name = document.OptionalText("name") ?? Path.GetFileNameWithoutExtension(file);
        string provenance = document.Text("provenance");
        string? dialect = document.OptionalText("target");
        var error = ExpectedError.Read(document);
        string? run = document.OptionalText("run"), runner = document.OptionalText("runner"), remote = document.OptionalText("remote");
        if (dialect is not null && folder is not null && File.Exists(Path.Combine(folder, dialect))) dialect = Path.GetFullPath(Path.Combine(folder, dialect));
        return new HardwareTarget(name, kind.Name, model, bits, batch, provenance, [.. document.Parameters.Where(IsShownApart)],
            Digest(text, document.Attachments))
        {
            NeedsIntegers = integers, FusesResiduals = fuses, Host = host, Dialect = dialect, ExpectedError = error, Run = run, Runner = runner, Remote = remote,
            Files = folder is null ? [] : [Path.GetFullPath(file), .. document.AttachedFiles],
        };
    }

    private static bool IsShownApart(HardwareParameter parameter) => parameter.Key is not ("name" or "kind" or "provenance");

    private static HardwareKind KindOf(YamlMapping yaml)
    {
        var names = HardwareKinds.All.Select(k => k.Name).ToArray();
        string name = yaml.Require("kind", $"one of {string.Join(", ", names)}").AsOneOf(names);
        return HardwareKinds.All.Single(k => k.Name == name);
    }

    // The digest of one text is its plain SHA-256; with files beside it, that of all texts' digests.
    private static string Digest(string text, IReadOnlyList<string> attachments) =>
        attachments.Count == 0 ? Digest(text) : Digest(string.Concat(attachments.Prepend(text).Select(Digest)));

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
