"""What listening systems are sent, for the OpenAPI schema's section about webhooks."""

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, OpenApiWebhook, extend_schema

from crm.api.webhooks import WebhookEventOut

EVENT = OpenApiWebhook(
    name="event",
    decorator=extend_schema(
        operation_id="webhook_event",
        summary="Something happened at the unit of the webhook or below it",
        description="Signed as the Standard Webhooks specification says: `webhook-id`, "
        "`webhook-timestamp`, `webhook-signature`. Any answer from 200 to 299 takes it; 410 asks "
        "us to stop; everything else is tried again for about a day.",
        tags=["webhooks"],
        request=WebhookEventOut,
        responses={204: OpenApiResponse(description="Taken.")},
        examples=[
            OpenApiExample(
                "a lead moved on",
                value={
                    "type": "lead.moved",
                    "timestamp": "2026-11-18T02:00:00.000Z",
                    "data": {
                        "merchant_id": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c7",
                        "subject_id": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c8",
                        "actor_id": "0192f0c1-d2e3-7aaa-b0c1-d2e3f4a5b6c9",
                        "at": "2026-11-18T02:00:00+00:00",
                        "facts": {"from": "new", "to": "qualified"},
                    },
                },
                request_only=True,
            )
        ],
    ),
)
