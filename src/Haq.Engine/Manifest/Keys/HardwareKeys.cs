using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary><c>hardware:</c>.</summary>
internal static class HardwareKeys
{
    private static readonly Key<string?> s_name = new("name", Kinds.Text!, null, "onnxruntime", "a built-in target, or the path of a hardware file", required: true);

    private static readonly Key<int?> s_threads = new("threads", Kinds.Optional(Kinds.Integer(1, 1024)), null, "2",
        "threads of a session on a target that is measured; by default the machine's physical cores");

    private static readonly Key<int?> s_batch = new("batch", Kinds.Optional(Kinds.Integer(1, 65536)), null, "1", "samples of a run on a target that is measured; by default the target's");

    public static readonly KeyGroup Group = new(s_name, s_threads, s_batch);

    public static readonly ValueKind<HardwareSettings?> Kind = new(Read, () => Kinds.AnyOf(Kinds.Text.Schema(), Group.Schema()), "a name or path, or a mapping {name, threads, batch}");

    private static HardwareSettings Read(YamlValue value)
    {
        if (!value.IsMapping) return Of(value.AsText(), value);
        var section = new Section(value.AsMapping(), Group);
        string name = section.Require(s_name)!;
        return Of(name, section.Find(s_name)!) with { Threads = section.Get(s_threads), Batch = section.Get(s_batch) };
    }

    private static HardwareSettings Of(string name, YamlValue written)
    {
        bool isFile = name.AsSpan().IndexOfAny('/', '\\') >= 0 || Path.GetExtension(name).ToLowerInvariant() is ".yaml" or ".yml";
        return new HardwareSettings(name, isFile ? FileReference.Resolve(name, written.Location).FullPath : null, written.Location);
    }
}
