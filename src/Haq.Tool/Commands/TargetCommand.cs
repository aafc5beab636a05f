using System.CommandLine;
using System.Text.Json;
using Haq.Engine.Dialects;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq target list | show NAME | schema</c></summary>
internal static class TargetCommand
{
    public static Command Create()
    {
        var command = new Command("target", "The toolchains that a quantized model can be written for and checked against: built-in targets, and target files of your own.");
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(Schema());
        return command;
    }

    private static Command List()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var list = new Command("list", "Name the built-in targets.") { json };
        list.SetAction(parsed =>
        {
            var profiles = DialectCatalog.BuiltInNames.Select(name => DialectCatalog.Load(name, ".")).ToArray();
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(writer =>
                {
                    writer.WriteStartArray();
                    foreach (var profile in profiles) WriteJson(writer, profile);
                    writer.WriteEndArray();
                });
                return;
            }
            var table = Tables.New("name", "toolchain", "read for", "rules");
            table.Columns[1].NoWrap = false;
            foreach (var profile in profiles)
                table.AddText(profile.Name, profile.Title, profile.Version, profile.Rules.Length.ToString(Tables.Culture));
            table.Print();
            Console.WriteLine("'haq target show NAME' prints a target's rules with their sources. 'haq check --target NAME MODEL.onnx' holds a model against one.");
        });
        return list;
    }

    private static Command Show()
    {
        var name = new Argument<string>("NAME") { Description = "A built-in target, or the path of a target file." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var yaml = new Option<bool>("--yaml") { Description = "Print the target's file, to start your own from." };
        var show = new Command("show", "Every rule of a target, with the document that it was read in.") { name, json, yaml };
        show.SetAction(parsed =>
        {
            string chosen = parsed.GetRequiredValue(name);
            var profile = DialectCatalog.Load(chosen, ".");
            if (parsed.GetValue(yaml)) Console.Write(DialectCatalog.TextOf(chosen, "."));
            else if (parsed.GetValue(json)) JsonOutput.Write(writer => WriteJson(writer, profile));
            else Print(profile);
        });
        return show;
    }

    private static Command Schema()
    {
        var schema = new Command("schema", "Print the JSON Schema (draft-07) of target files, for completion in editors.");
        schema.SetAction(_ => Console.Out.Write(DialectSchema.ToJson()));
        return schema;
    }

    private static void Print(DialectProfile profile)
    {
        Console.WriteLine($"{profile.Name}: {profile.Title}, read for {profile.Version}");
        Console.WriteLine($"What it leaves over runs on {profile.Host}.");
        Console.WriteLine();
        foreach (var rule in profile.Rules)
        {
            Console.WriteLine($"{rule.Kind} (otherwise {ConformanceText.Word(rule.Effect)})");
            Console.WriteLine($"  {rule.Describe()}");
            if (rule.Reason is { } reason) Console.WriteLine($"  {reason}");
            Console.WriteLine($"  source: {rule.Source}");
        }
        Console.WriteLine();
        Console.WriteLine("Sources:");
        foreach (var source in profile.Sources)
        {
            Console.WriteLine($"  {source.Key}: {source.Version}");
            Console.WriteLine($"    {source.Url}");
        }
    }

    private static void WriteJson(Utf8JsonWriter writer, DialectProfile profile)
    {
        writer.WriteStartObject();
        writer.WriteString("name", profile.Name);
        writer.WriteString("title", profile.Title);
        writer.WriteString("version", profile.Version);
        writer.WriteString("host", profile.Host);
        writer.WriteString("digest", profile.Digest);
        writer.WriteStartArray("rules");
        foreach (var rule in profile.Rules)
        {
            var source = profile.SourceOf(rule);
            writer.WriteStartObject();
            writer.WriteString("rule", rule.Kind);
            writer.WriteString("effect", ConformanceText.Word(rule.Effect));
            writer.WriteString("says", rule.Describe());
            if (rule.Reason is { } reason) writer.WriteString("why", reason);
            writer.WriteStartObject("source");
            writer.WriteString("url", source.Url);
            writer.WriteString("version", source.Version);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
