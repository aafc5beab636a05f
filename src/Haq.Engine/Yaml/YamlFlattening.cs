using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Haq.Engine.Yaml;

/// <summary>A document as a list of paths and scalars.</summary>
internal static class YamlFlattening
{
    public static IEnumerable<(string Path, string Value)> Of(YamlNode root) => Of(root, "");

    private static IEnumerable<(string Path, string Value)> Of(YamlNode node, string path) => node switch
    {
        YamlMappingNode { Children.Count: 0 } => [(path, "{}")],
        YamlSequenceNode { Children.Count: 0 } => [(path, "[]")],
        YamlMappingNode mapping => mapping.Children.SelectMany(child => Of(child.Value, Join(path, ((YamlScalarNode)child.Key).Value ?? ""))),
        YamlSequenceNode sequence => sequence.Children.SelectMany((child, i) => Of(child, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"))),
        YamlScalarNode scalar => [(path, Text(scalar))],
        _ => [(path, node.ToString())],
    };

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    // "4" is text and 4 is a number; most text is the same with and without quotes.
    private static string Text(YamlScalarNode scalar)
    {
        string value = scalar.Value ?? "";
        bool changes = scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted
            && (value is "" or "~" or "null" or "true" or "false" || double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
        return changes ? $"'{value}'" : value;
    }
}
