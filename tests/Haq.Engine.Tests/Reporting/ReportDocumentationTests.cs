using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Haq.Engine.Reporting;

namespace Haq.Engine.Tests.Reporting;

/// <summary>docs/report.md names every property that a report can have.</summary>
public sealed class ReportDocumentationTests
{
    [Fact]
    public void Every_property_of_the_JSON_is_described()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Haq.Build.sln"))) folder = Path.GetDirectoryName(folder);
        string text = File.ReadAllText(Path.Combine(folder!, "docs", "report.md"));
        string json = text[text.IndexOf("## The JSON", StringComparison.Ordinal)..text.IndexOf("## Checks", StringComparison.Ordinal)];
        var described = Regex.Matches(json, "`([A-Za-z0-9]+)`").Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        string[] written = [.. Names(typeof(ReportModel), []).Distinct()];
        Assert.True(written.Length > 120, $"{written.Length}");
        Assert.Equal([], written.Where(name => !described.Contains(name)));
    }

    private static IEnumerable<string> Names(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type)) yield break;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always }) continue;
            yield return JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            var value = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (value.IsGenericType && value.GetGenericTypeDefinition() == typeof(ImmutableArray<>)) value = value.GetGenericArguments()[0];
            if (value.Assembly != typeof(ReportModel).Assembly || value.IsEnum || value.Namespace?.StartsWith("Haq.Engine.Reporting", StringComparison.Ordinal) != true) continue;
            foreach (string name in Names(value, seen)) yield return name;
        }
    }
}
