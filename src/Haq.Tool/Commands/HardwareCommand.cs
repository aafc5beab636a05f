using System.CommandLine;
using System.Text.Json;
using Haq.Engine.Hardware;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq hardware list | show NAME | schema | fit FILE</c></summary>
internal static class HardwareCommand
{
    public static Command Create()
    {
        var command = new Command("hardware", "The hardware that networks can be priced on: built-in targets, and hardware files of your own.");
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(Schema());
        command.Subcommands.Add(HardwareFitCommand.Create());
        return command;
    }

    private static Command List()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var list = new Command("list", "Name the built-in targets, with their kind, widths and batch.") { json };
        list.SetAction(parsed =>
        {
            var targets = HardwareCatalog.BuiltInNames.Select(name => HardwareCatalog.Load(name, ".")).ToArray();
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(writer =>
                {
                    writer.WriteStartArray();
                    foreach (var target in targets) WriteJson(writer, target);
                    writer.WriteEndArray();
                });
                return;
            }
            var table = Tables.New("name", "kind", "batch", "computes with", "energy");
            foreach (var target in targets)
                table.AddText(target.Name, target.Kind, target.Batch.ToString(Tables.Culture), target.Bits.ToString(), target.Model.HasEnergy ? "yes" : "no");
            table.Print();
            Console.WriteLine("'haq hardware show NAME' prints a target's parameters, assumptions and sources. docs/hardware.md shows how to write your own.");
        });
        return list;
    }

    private static Command Schema()
    {
        var schema = new Command("schema", "Print the JSON Schema (draft-07) of hardware files, for completion in editors.");
        schema.SetAction(_ => Console.Out.Write(HardwareSchema.ToJson()));
        return schema;
    }

    private static Command Show()
    {
        var name = new Argument<string>("NAME") { Description = "A built-in target, or the path of a hardware file." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var yaml = new Option<bool>("--yaml") { Description = "Print a built-in target's file, to start your own from." };
        var show = new Command("show", "Parameters, supported widths, assumptions and sources of one target.") { name, json, yaml };
        show.SetAction(parsed =>
        {
            string chosen = parsed.GetRequiredValue(name);
            var target = HardwareCatalog.Load(chosen, ".");
            if (parsed.GetValue(yaml)) Console.Write(HardwareCatalog.TextOf(chosen, "."));
            else if (parsed.GetValue(json)) JsonOutput.Write(writer => WriteJson(writer, target));
            else Print(target);
        });
        return show;
    }

    private static void Print(HardwareTarget target)
    {
        Console.WriteLine($"{target.Name} ({target.Kind})");
        Console.WriteLine($"  {target.Provenance}");
        Console.WriteLine();
        var table = Tables.New("parameter", "value", "what it is");
        // Every pair of widths in one value would leave the names no room.
        foreach (var column in table.Columns.Skip(1)) column.NoWrap = false;
        foreach (var p in target.Parameters)
            table.AddText(p.Key, $"{p.Value}{(p.Unit.Length > 0 ? " " + p.Unit : "")}{(p.IsDefault ? " (default)" : "")}", p.Purpose);
        table.Print();
        Console.WriteLine("Assumptions:");
        foreach (string assumption in target.Assumptions) Console.WriteLine($"  - {assumption}");
    }

    private static void WriteJson(Utf8JsonWriter writer, HardwareTarget target)
    {
        writer.WriteStartObject();
        writer.WriteString("name", target.Name);
        writer.WriteString("kind", target.Kind);
        writer.WriteString("provenance", target.Provenance);
        writer.WriteNumber("batch", target.Batch);
        writer.WriteStartArray("bits");
        foreach (var pair in target.Bits.Pairs) writer.WriteStringValue(pair.ToString());
        writer.WriteEndArray();
        writer.WriteBoolean("modelsEnergy", target.Model.HasEnergy);
        writer.WriteString("digest", target.Digest);
        writer.WriteStartArray("parameters");
        foreach (var p in target.Parameters)
        {
            writer.WriteStartObject();
            writer.WriteString("key", p.Key);
            writer.WriteString("value", p.Value);
            writer.WriteString("unit", p.Unit);
            writer.WriteString("purpose", p.Purpose);
            writer.WriteBoolean("isDefault", p.IsDefault);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("assumptions");
        foreach (string assumption in target.Assumptions) writer.WriteStringValue(assumption);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
