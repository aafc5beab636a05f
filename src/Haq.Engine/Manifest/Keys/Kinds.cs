using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics.Units;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary>The kinds of value that keys have.</summary>
internal static class Kinds
{
    public static readonly ValueKind<string> Text = new(v => v.AsText(), () => new JsonObject { ["type"] = "string" }, "text");

    public static readonly ValueKind<Located<string>> LocatedText = new(v => new(v.AsText(), v.Location), Text.Schema, "text");

    public static readonly ValueKind<FileReference> File = new(v => v.AsFile(), Text.Schema, "a path, from the manifest's folder");

    public static readonly ValueKind<bool> Flag = new(v => v.AsBoolean(), () => new JsonObject { ["type"] = "boolean" }, "true or false");

    public static ValueKind<int> Integer(int min, int max) => new(
        v => v.AsInteger(min, max),
        () => new JsonObject { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max },
        $"a whole number in {min}..{max}");

    public static ValueKind<double> Number(double min, double max) => new(
        v => v.AsNumber(min, max),
        () => new JsonObject { ["type"] = "number", ["minimum"] = min, ["maximum"] = max },
        string.Create(CultureInfo.InvariantCulture, $"a number in {min}..{max}"));

    /// <summary>A value that may also be left out.</summary>
    public static ValueKind<T?> Optional<T>(ValueKind<T> kind) where T : struct => new(v => kind.Read(v), kind.Schema, kind.Form);

    /// <summary>One of an enumeration's names, written in kebab-case.</summary>
    public static ValueKind<T> OneOf<T>() where T : struct, Enum
    {
        var values = Enum.GetValues<T>().ToImmutableDictionary(value => Kebab(value.ToString()), StringComparer.Ordinal);
        ImmutableArray<string> names = [.. Enum.GetNames<T>().Select(Kebab)];
        return new(
            v => values[v.AsOneOf(names)],
            () => new JsonObject { ["enum"] = new JsonArray([.. names.Select(n => (JsonNode)n)]) },
            string.Join(" | ", names));
    }

    /// <summary>One of an enumeration's names, or <paramref name="otherwise"/> for null.</summary>
    public static ValueKind<T?> OneOfOr<T>(string otherwise) where T : struct, Enum
    {
        var values = Enum.GetValues<T>().ToImmutableDictionary(value => Kebab(value.ToString()), value => (T?)value, StringComparer.Ordinal).Add(otherwise, null);
        ImmutableArray<string> names = [otherwise, .. Enum.GetNames<T>().Select(Kebab)];
        return new(
            v => values[v.AsOneOf(names)],
            () => new JsonObject { ["enum"] = new JsonArray([.. names.Select(n => (JsonNode)n)]) },
            string.Join(" | ", names));
    }

    /// <summary>A number with its unit. Zero is refused unless <paramref name="zero"/>.</summary>
    public static ValueKind<Quantity> Quantity(bool zero, params ImmutableArray<Dimension> accepted) => new(
        v =>
        {
            var quantity = v.AsQuantity(accepted.AsSpan());
            return zero || quantity.Value > 0 ? quantity : throw v.Invalid("expected more than nothing");
        },
        () => new JsonObject { ["type"] = "string", ["pattern"] = Numerics.Units.Quantity.Pattern(accepted.AsSpan()) },
        $"a number with its unit ({Numerics.Units.Quantity.Accepted(accepted.AsSpan())})");

    /// <summary>A list; with <paramref name="single"/>, one value alone stands for a list of one.</summary>
    public static ValueKind<ImmutableArray<T>> ListOf<T>(ValueKind<T> item, bool single, int min = 1, int max = int.MaxValue) => new(
        v =>
        {
            ImmutableArray<T> items = single && v.IsScalar ? [item.Read(v)] : [.. v.AsSequence().Select(item.Read)];
            if (items.Length < min) throw v.Invalid(min == 1 ? "expected at least one item" : $"expected at least {min} items");
            return items.Length <= max ? items : throw v.Invalid($"expected at most {max} items");
        },
        () =>
        {
            var list = new JsonObject { ["type"] = "array", ["items"] = item.Schema(), ["minItems"] = min };
            if (max < int.MaxValue) list["maxItems"] = max;
            return single ? AnyOf(item.Schema(), list) : list;
        },
        single ? $"{item.Form}, or a list of them" : $"a list, each {item.Form}");

    /// <summary>A mapping with keys of the user's choosing, in the order written.</summary>
    public static ValueKind<ImmutableArray<T>> MapOf<T>(Func<string, SourceLocation, YamlValue, T> read, Func<JsonObject> item, string form) => new(
        v => [.. v.AsMapping().Entries.Select(e => read(e.Key, e.KeyLocation, e.Value))],
        () => new JsonObject { ["type"] = "object", ["additionalProperties"] = item() },
        form);

    /// <summary>A mapping with the keys of <paramref name="group"/>.</summary>
    public static ValueKind<T> Mapping<T>(KeyGroup group, Func<Section, T> read) =>
        new(v => read(new Section(v.AsMapping(), group)), group.Schema, "a mapping");

    /// <summary>Several forms of one thing.</summary>
    public static JsonObject AnyOf(params ReadOnlySpan<JsonObject> forms) => new() { ["anyOf"] = new JsonArray([.. forms]) };

    /// <summary>Text of one pattern (ECMA-262).</summary>
    public static JsonObject Matching(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    internal static string Kebab(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }
}
