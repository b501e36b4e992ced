"""Addresses of the endpoints about settlement."""

from django.urls import path

from campaigns.api import settlement_money, statement_papers, statements

urlpatterns = [
    path("statements/", statements.StatementList.as_view()),
    path("statements/<uuid:pk>/", statements.StatementOne.as_view()),
    path("statements/<uuid:pk>/steps/", statements.StatementSteps.as_view()),
    path("statements/<uuid:pk>/redraft/", statements.StatementRedraft.as_view()),
    path("statements/<uuid:pk>/discard/", statements.StatementDiscard.as_view()),
    path("statements/<uuid:pk>/send/", statements.StatementSend.as_view()),
    path("statements/<uuid:pk>/dispute/", statements.StatementDispute.as_view()),
    path("statements/<uuid:pk>/confirm/", statements.StatementConfirm.as_view()),
    path("statements/<uuid:pk>/approve/", statements.StatementApprove.as_view()),
    path("statements/<uuid:pk>/close/", statements.StatementClose.as_view()),
    path("statements/<uuid:pk>/lines/", statement_papers.StatementLines.as_view()),
    path("statements/<uuid:pk>/adjustments/", statement_papers.StatementAdjustments.as_view()),
    path("statement-lines/<uuid:pk>/approve/", statement_papers.AdjustmentApprove.as_view()),
    path("statement-lines/<uuid:pk>/drop/", statement_papers.AdjustmentDrop.as_view()),
    path("statements/<uuid:pk>/merchant-rows/", statement_papers.StatementMerchantRows.as_view()),
    path("statements/<uuid:pk>/merchant-list/", statement_papers.StatementMerchantList.as_view()),
    path("statements/<uuid:pk>/files/", statement_papers.StatementFiles.as_view()),
    path("statements/<uuid:pk>/invoice/", settlement_money.StatementInvoice.as_view()),
    path("statements/<uuid:pk>/payments/", settlement_money.StatementPayment.as_view()),
    path("invoices/", settlement_money.InvoiceList.as_view()),
    path("invoices/<uuid:pk>/void/", settlement_money.InvoiceVoid.as_view()),
    path("payments/", settlement_money.PaymentList.as_view()),
]
