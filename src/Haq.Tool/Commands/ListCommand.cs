using System.CommandLine;
using Haq.Tool.Output;
using Haq.Tool.Projects;

namespace Haq.Tool.Commands;

/// <summary><c>haq list [PROJECT|SOLUTION]</c></summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "A project, a solution, or a folder that holds one; by default this folder.",
            DefaultValueFactory = _ => "", HelpName = "PROJECT|SOLUTION" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var list = new Command("list", "The manifests that projects build, and the item that names each. Projects must have been restored.") { path, json };
        list.SetAction(parsed =>
        {
            var manifests = ProjectManifests.Of(parsed.GetValue(path)!);
            if (parsed.GetValue(json)) PrintJson(manifests);
            else PrintTable(manifests);
        });
        return list;
    }

    private static void PrintTable(IReadOnlyList<DeclaredManifest> manifests)
    {
        if (manifests.Count == 0)
        {
            Console.WriteLine("No manifests: no project here references Haq.Build and has a haq.yaml, or it was not restored yet (dotnet restore).");
            return;
        }
        var table = Tables.New("manifest", "project", "declared at");
        foreach (var m in manifests)
            table.AddText(Relative(m.Manifest), Relative(m.Project), m.ByDefault ? "by default" : (m.DeclaredAt with { File = Relative(m.DeclaredAt.File) }).ToString());
        table.Print();
    }

    private static void PrintJson(IReadOnlyList<DeclaredManifest> manifests) => JsonOutput.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var m in manifests)
        {
            writer.WriteStartObject();
            writer.WriteString("manifest", m.Manifest);
            writer.WriteString("project", m.Project);
            writer.WriteBoolean("byDefault", m.ByDefault);
            writer.WriteString("file", m.DeclaredAt.File);
            writer.WriteNumber("line", m.DeclaredAt.Line);
            writer.WriteNumber("column", m.DeclaredAt.Column);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    private static string Relative(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
