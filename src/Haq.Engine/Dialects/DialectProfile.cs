using System.Collections.Immutable;

namespace Haq.Engine.Dialects;

/// <summary>What one vendor's toolchain takes of an ONNX file in QDQ form, as its documents say it.</summary>
/// <param name="Name">What the target is called.</param>
/// <param name="Title">The toolchain, in a few words.</param>
/// <param name="Version">The vendor's version that it was read for.</param>
/// <param name="Host">What runs the nodes that the target leaves over.</param>
/// <param name="Sources">The documents, in the order given.</param>
/// <param name="Rules">What they say, in the order given.</param>
/// <param name="Digest">SHA-256 of the file, 64 lower-case hexadecimal digits.</param>
public sealed record DialectProfile(
    string Name, string Title, string Version, string Host, ImmutableArray<DialectSource> Sources, ImmutableArray<DialectRule> Rules, string Digest)
{
    /// <summary>The target when none is named: stock ONNX Runtime on a processor.</summary>
    public const string Default = "onnxruntime";

    /// <summary>The file's text.</summary>
    internal string Text { get; init; } = "";

    /// <summary>The only rule of a kind, or null.</summary>
    public T? Find<T>() where T : DialectRule => Rules.OfType<T>().FirstOrDefault();

    /// <summary>The document that a rule was read in.</summary>
    public DialectSource SourceOf(DialectRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return Sources.First(s => s.Key == rule.Source);
    }
}
